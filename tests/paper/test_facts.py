from __future__ import annotations

import pytest

from paper.case import write_study
from yololab.paper.facts import facts_of
from yololab.study.output import table_of


def test_facts_are_counted_from_records(tmp_path):
    facts = facts_of(table_of(write_study(tmp_path / "s")), "s")
    assert (facts.runs, facts.rows, facts.seeds, facts.fewest_seeds) == (6, 2, (0, 1, 2), 3)
    assert (facts.epochs, facts.batches, facts.image_sizes, facts.optimizers) == ((2,), (16,), (64,), ("sgd",))
    assert facts.hours == pytest.approx(1.0)
    assert (facts.classes, facts.images, facts.final) == (2, {"train": 10, "val": 5}, "validation")
    assert facts.machines == ("p (2 threads)",)
    assert facts.memory == 1.5e9
