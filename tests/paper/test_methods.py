from __future__ import annotations

import pytest

from paper.case import write_study
from study.case import record
from yololab.paper.facts import facts_of
from yololab.paper.methods import methods
from yololab.study.output import table_of
from yololab.study.table import Question, build_table


def test_the_paragraph_says_how_many_which_test_on_what_and_how_long(tmp_path):
    table = table_of(write_study(tmp_path / "s"), Question(smallest_effect=2.0))
    text = "\n".join(methods(table, facts_of(table, "s")))
    for words in (
        "2 configurations with 1,000 parameters and 3 seeds each, 6 runs in all",
        "2 epochs at 64 pixels in batches of 16 by sgd",
        "2 classes and 10 training, 5 validation images",
        "simultaneous 95% intervals",
        "Dunnett's (1955)",
        "below 2 points were declared too small to matter",
        "took 1.0 hours on p (2 threads), at most 1.5 GB of memory a run, with yololab 0.1.0, torch 2.15.0 (commit c0)",
        "Energy was not measured",
    ):
        assert words in text
    assert "bootstrap" not in text  # these runs kept no matches


@pytest.mark.parametrize("seeds", [1, 2])
def test_one_configuration_is_compared_with_nothing(seeds):
    table = build_table([record(seed) for seed in range(seeds)])
    assert methods(table, facts_of(table, "s"))[1] == "Configurations were not compared statistically."
