"""Pairs: t tests one by one, Bonferroni over those that can be judged."""

import math

import numpy as np
import pytest
from scipy import stats

from yololab.errors import ConfigError
from yololab.statistics.contrasts import Contrast, differences_to
from yololab.statistics.pairs import estimate_pairs, shared_differences


def test_pairs_are_t_tests_times_their_number():
    rng = np.random.default_rng(0)
    values = {f"r{row}": {seed: float(rng.normal()) for seed in range(5)} for row in range(3)}
    first, second = estimate_pairs(values, differences_to(list(values), "r0"))
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
    b, c, d = estimate_pairs(values, differences_to(list(values), "a"))
    assert b.p_value == b.p_individual
    assert "fewer than two seeds" in c.note
    assert c.difference == pytest.approx(1.0)
    assert "no error variance" in d.note
    assert math.isnan(d.p_value)


def test_a_control_is_a_pair_like_any_other_and_enters_the_same_family():
    rng = np.random.default_rng(1)
    values = {f"r{row}": {seed: float(rng.normal()) for seed in range(5)} for row in range(3)}
    control = Contrast("r2 - r1", {"r2": 1.0, "r1": -1.0})
    *_, found = estimate_pairs(values, [*differences_to(list(values), "r0"), control])
    expected = stats.ttest_rel(list(values["r2"].values()), list(values["r1"].values()))
    assert found.p_value == pytest.approx(min(1, 3 * expected.pvalue))
    with pytest.raises(ConfigError, match="expected one row minus another"):
        estimate_pairs(values, [Contrast("x", {"r0": 1.0, "r1": -0.5, "r2": -0.5})])
