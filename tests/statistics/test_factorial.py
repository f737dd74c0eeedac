"""Effects by hand in two-level layouts, marginal means in mixed ones, aliases in fractions."""

from itertools import product

import numpy as np
import pytest

from yololab.errors import ConfigError
from yololab.statistics.blocks import fit_blocks
from yololab.statistics.contrasts import Contrast, estimate_contrasts
from yololab.statistics.factorial import analyse_factorial

NOISE = np.random.default_rng(0).normal(0, 0.01, size=(64, 3))


def study(means, factor_names):
    """Rows named after their levels; three seeds with a little noise."""
    factors = {"/".join(levels): dict(zip(factor_names, levels, strict=True)) for levels in means}
    values = {
        "/".join(levels): {seed: mean + float(NOISE[index, seed]) for seed in range(3)}
        for index, (levels, mean) in enumerate(means.items())
    }
    return values, factors


def by_name(found):
    return {effect.estimate.name: effect for effect in found.effects}


def test_two_by_two_is_worked_as_by_hand():
    means = {("none", "pan"): 1.0, ("eca", "pan"): 3.0, ("none", "fpn"): 2.0, ("eca", "fpn"): 7.0}
    found = by_name(analyse_factorial(*study(means, ("attention", "neck"))))
    assert found["attention=eca"].estimate.difference == pytest.approx((3 - 1 + 7 - 2) / 2, abs=0.05)
    assert found["neck=fpn"].estimate.difference == pytest.approx((2 - 1 + 7 - 3) / 2, abs=0.05)
    assert found["attention=eca x neck=fpn"].estimate.difference == pytest.approx((7 - 2) - (3 - 1), abs=0.05)
    assert all(effect.aliased_with == () for effect in found.values())


def test_effects_are_one_family_of_contrasts_of_the_block_fit():
    means = {("a", "c"): 1.0, ("b", "c"): 1.0, ("a", "d"): 1.0, ("b", "d"): 1.0}
    values, factors = study(means, ("one", "two"))
    halves = {"a/c": -0.5, "b/c": 0.5, "a/d": -0.5, "b/d": 0.5}
    others = {"a/c": -0.5, "b/c": -0.5, "a/d": 0.5, "b/d": 0.5}
    both = {"a/c": 1, "b/c": -1, "a/d": -1, "b/d": 1}
    named = [Contrast("one=b", halves), Contrast("two=d", others), Contrast("one=b x two=d", both)]
    expected = estimate_contrasts(fit_blocks(values), named)
    for effect, reference in zip(analyse_factorial(values, factors).effects, expected, strict=True):
        assert effect.estimate.low == pytest.approx(reference.low)
        assert effect.estimate.p_value == pytest.approx(reference.p_value, rel=1e-6)


def test_a_mixed_layout_gives_each_level_against_the_first():
    means = {(a, b): {"x": 0, "y": 1, "z": 5}[a] + {"k": 0, "l": 2}[b] for a, b in product("xyz", "kl")}
    result = analyse_factorial(*study(means, ("a", "b")))
    found = by_name(result)
    assert set(found) == {"a=y", "a=z", "b=l", "a=y x b=l", "a=z x b=l"}
    assert found["a=z"].estimate.difference == pytest.approx(5, abs=0.05)
    assert found["a=z x b=l"].estimate.difference == pytest.approx(0, abs=0.05)
    marginal = {(mean.factor, mean.level): mean.mean for mean in result.marginal_means}
    assert marginal["a", "z"] == pytest.approx(6, abs=0.05)
    assert marginal["b", "k"] == pytest.approx(2, abs=0.05)


def test_a_half_fraction_says_what_its_main_effects_are_aliased_with():
    means = {(a, b, "hi" if (a == "1") == (b == "1") else "lo"): float(a == "1") for a, b in product("01", "01")}
    result = analyse_factorial(*study(means, ("a", "b", "c")))
    found = by_name(result)
    assert found["a=1"].aliased_with == (("b", "c"),)
    assert result.not_estimable == {("a", "b"): (("c",),), ("a", "c"): (("b",),), ("b", "c"): (("a",),)}
    assert found["a=1"].estimate.difference == pytest.approx(1, abs=0.05)


def test_a_fraction_of_higher_resolution_keeps_its_main_effects_free():
    means = {(a, b, c, str((int(a) + int(b) + int(c)) % 2)): 0.0 for a, b, c in product("01", repeat=3)}
    result = analyse_factorial(*study(means, ("a", "b", "c", "d")))
    assert all(effect.aliased_with == () for effect in result.effects if len(effect.term) == 1)
    assert by_name(result)["a=1 x b=1"].aliased_with == (("c", "d"),)
    assert result.not_estimable["c", "d"] == (("a", "b"),)


def test_factors_that_always_change_together_cannot_be_told_apart():
    means = {("0", "0"): 0.0, ("1", "1"): 1.0}
    result = analyse_factorial(*study(means, ("a", "b")))
    assert by_name(result)["a=1"].aliased_with[0] == ("b",)
    assert result.not_estimable["b",] == (("a",),)


def test_a_missing_cell_leaves_main_effects_and_no_interaction():
    means = {("0", "0"): 0.0, ("1", "0"): 1.0, ("0", "1"): 2.0}
    result = analyse_factorial(*study(means, ("a", "b")))
    assert set(by_name(result)) == {"a=1", "b=1"}
    assert result.not_estimable == {("a", "b"): (("a",), ("b",))}


def test_a_row_without_levels_or_with_other_factors_is_refused():
    values, factors = study({("0",): 0.0, ("1",): 1.0}, ("a",))
    with pytest.raises(ConfigError, match="row '1': expected its factor levels, found none"):
        analyse_factorial(values, {"0": factors["0"]})
    with pytest.raises(ConfigError, match=r"row '1': expected the factors \['a'\], found \['b'\]"):
        analyse_factorial(values, {"0": factors["0"], "1": {"b": "1"}})
