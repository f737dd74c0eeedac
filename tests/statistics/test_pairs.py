"""Pairs: t tests one by one, Bonferroni over those that can be judged."""

import math

import numpy as np
import pytest
from scipy import stats

from yololab.statistics.blocks import fit_blocks
from yololab.statistics.pairs import estimate_pairs, shared_differences


def test_pairs_are_t_tests_times_their_number():
    rng = np.random.default_rng(0)
    values = {f"r{row}": {seed: float(rng.normal()) for seed in range(5)} for row in range(3)}
    first, second = estimate_pairs(fit_blocks(values), values, "r0")
    for found, row in ((first, "r1"), (second, "r2")):
        expected = stats.ttest_rel(list(values[row].values()), list(values["r0"].values()))
        assert found.p_value == pytest.approx(min(1, 2 * expected.pvalue))
        assert found.low == pytest.approx(expected.confidence_interval(0.975).low)
        assert found.equivalence_high == pytest.approx(expected.confidence_interval(0.95).high)


def test_only_shared_seeds_count():
    assert shared_differences({0: 1.0, 1: 2.0, 5: 3.0}, {1: 1.5, 5: 1.0, 7: 0.0}).tolist() == [0.5, 2.0]


def test_a_pair_that_cannot_be_judged_has_a_note_and_takes_nothing_from_the_others():
    values = {
        "a": {0: 1.0, 1: 2.0, 2: 4.0},
        "b": {0: 2.0, 1: 2.0, 2: 5.5},
        "c": {1: 3.0},
        "d": {0: 2.0, 1: 3.0, 2: 5.0},
    }
    b, c, d = estimate_pairs(fit_blocks(values), values, "a")
    assert b.p_value == b.p_individual
    assert "fewer than two seeds" in c.note
    assert c.difference == pytest.approx(1.0)
    assert "no error variance" in d.note
    assert math.isnan(d.p_value)
