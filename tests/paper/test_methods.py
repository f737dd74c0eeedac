from __future__ import annotations

from dataclasses import replace

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


@pytest.mark.parametrize(
    ("attempts", "said"),
    [
        ((1, 1), "Counters of processors and GPUs measured 2 kWh, summed over all runs: whatever else"),
        ((1, 3), "measured 1 kWh, summed over 1 of 2 runs"),
        ((2, 2), "Energy was not measured"),
    ],
)
def test_energy_is_summed_over_the_runs_of_which_all_was_measured(attempts, said):
    measured = {"cpu": 1.6e6, "gpu": 2.0e6}
    records = [replace(record(seed), energy=measured, attempts=number) for seed, number in enumerate(attempts)]
    table = build_table(records)
    assert said in methods(table, facts_of(table, "s"))[2]


def test_parts_that_could_not_be_read_are_not_claimed():
    records = [replace(record(seed), energy={"gpu": 3.6e6}) for seed in (0, 1)]
    table = build_table(records)
    assert "Counters of GPUs measured 2 kWh" in methods(table, facts_of(table, "s"))[2]


@pytest.mark.parametrize("seeds", [1, 2])
def test_one_configuration_is_compared_with_nothing(seeds):
    table = build_table([record(seed) for seed in range(seeds)])
    assert methods(table, facts_of(table, "s"))[1] == "Configurations were not compared statistically."
