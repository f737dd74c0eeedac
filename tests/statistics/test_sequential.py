"""Looks after each seed: published boundaries, intervals that stay wide early, and 5% in all."""

import math

import numpy as np
import pytest
from scipy import stats

from yololab.errors import ConfigError
from yololab.statistics.blocks import fit_blocks
from yololab.statistics.contrasts import differences_to
from yololab.statistics.decisions import Plan
from yololab.statistics.sequential import SequentialRule, is_decided, look, spent_levels


def test_boundaries_are_the_published_ones():
    """Five looks at 5%, O'Brien-Fleming type: as R's ldbounds prints them."""
    levels = np.array(spent_levels((0.2, 0.4, 0.6, 0.8, 1.0), 0.05))
    assert stats.norm.isf(levels / 2) == pytest.approx([4.877, 3.357, 2.680, 2.290, 2.031], abs=2e-3)


def test_one_look_spends_everything():
    assert spent_levels((1.0,), 0.05)[0] == pytest.approx(0.05)


def test_a_random_walk_crosses_as_often_as_spent():
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(size=(20_000, 12)), axis=1) / np.sqrt(np.arange(1, 13))
    bounds = stats.norm.isf(np.array(spent_levels(tuple(np.arange(1, 13) / 12), 0.05)) / 2)
    assert (np.abs(walk) > bounds).any(axis=1).mean() == pytest.approx(0.05, abs=0.005)


def test_levels_rise_and_many_comparisons_share_them():
    rule = SequentialRule(most=20, comparisons=1)
    levels = [rule.level(seeds) for seeds in range(2, 21)]
    assert levels == sorted(levels)
    assert levels[0] < 1e-6
    assert levels[-1] == pytest.approx(0.0287, abs=0.002)
    assert SequentialRule(most=20, comparisons=11).level(20) < 0.05 / 11


def test_a_look_widens_the_interval_to_its_level():
    values = {"a": {0: 0.0, 1: 1.0, 2: 2.0}, "b": {0: 1.0, 1: 2.5, 2: 3.2}}
    rule = SequentialRule(most=6, comparisons=1)
    (found,) = look(fit_blocks(values), differences_to(list(values), "a"), rule, seeds=3)
    half = stats.t.isf(rule.level(3) / 2, 2) * found.standard_error
    assert (found.low, found.high) == (pytest.approx(found.difference - half), pytest.approx(found.difference + half))
    assert found.equivalence_high - found.equivalence_low < found.high - found.low
    assert math.isnan(found.p_value)


def test_a_clear_difference_is_decided_before_the_plan_ends_and_none_is_not():
    rng, rule = np.random.default_rng(1), SequentialRule(most=12, comparisons=1)
    for shift, decided in ((0.0, False), (5.0, True)):
        values = {"a": dict(enumerate(rng.normal(size=8))), "b": dict(enumerate(shift + rng.normal(size=8)))}
        estimates = look(fit_blocks(values), differences_to(list(values), "a"), rule, seeds=8)
        assert is_decided(estimates, Plan(rows=2, seeds=8, error_sd=1.0)) == decided


def test_a_look_beyond_the_plan_is_refused():
    with pytest.raises(ConfigError, match="a look after 7 seeds, but the plan looks after 2 to 6"):
        SequentialRule(most=6, comparisons=1).level(7)
    with pytest.raises(ConfigError, match="2 <= fewest <= most"):
        SequentialRule(most=1, comparisons=1)
    fit = fit_blocks({"a": {0: 0.0, 1: 1.0}, "b": {0: 1.0, 1: 3.0}})
    with pytest.raises(ConfigError, match="made for 2 comparisons, got 1"):
        look(fit, differences_to(["a", "b"], "a"), SequentialRule(most=6, comparisons=2), 2)
