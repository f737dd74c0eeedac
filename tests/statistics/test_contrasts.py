"""Families of contrasts: intervals and p-values agree, and nothing is claimed without an error."""

import math

import numpy as np
import pytest
from scipy import stats

from yololab.errors import ConfigError
from yololab.statistics.blocks import fit_blocks
from yololab.statistics.contrasts import Contrast, differences_to, estimate_contrasts, holm


def study(rows, seeds, seed=0, missing=0.0):
    rng = np.random.default_rng(seed)
    block = rng.normal(size=seeds)
    return {
        f"r{row}": {s: float(block[s] + rng.normal()) for s in range(seeds) if s < 2 or rng.random() >= missing}
        for row in range(rows)
    }


def test_two_rows_give_the_paired_t_test():
    values = study(2, 4)
    (found,) = estimate_contrasts(fit_blocks(values), differences_to(list(values), "r0"))
    expected = stats.ttest_rel(list(values["r1"].values()), list(values["r0"].values()))
    assert (found.name, found.df) == ("r1", 3)
    assert found.p_value == found.p_individual == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(interval.low), pytest.approx(interval.high))


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_an_interval_excludes_zero_exactly_where_p_is_below_alpha(missing):
    for seed in range(40):
        fit = fit_blocks(study(4, 4, seed, missing))
        for found in estimate_contrasts(fit, differences_to(fit.rows, "r0"), level=0.6):
            assert (found.low > 0 or found.high < 0) == (found.p_value < 0.4)
            assert found.p_individual <= found.p_value


def test_the_equivalence_interval_is_the_one_of_level_90():
    fit = fit_blocks(study(4, 3))
    contrasts = differences_to(fit.rows, "r0")
    wide, narrow = estimate_contrasts(fit, contrasts), estimate_contrasts(fit, contrasts, level=0.9)
    assert [found.equivalence_low for found in wide] == pytest.approx([found.low for found in narrow])


def test_contrasts_between_any_rows_are_one_family():
    fit = fit_blocks({"base": {0: 1.0, 1: 2.0}, "placebo": {0: 1.5, 1: 2.0}, "cbam": {0: 3.0, 1: 4.5}})
    named = [
        Contrast("cbam - placebo", {"cbam": 1, "placebo": -1}),
        Contrast("cbam - mean of others", {"cbam": 1, "placebo": -0.5, "base": -0.5}),
    ]
    first, second = estimate_contrasts(fit, named)
    assert first.difference == pytest.approx(2.0)
    assert second.difference == pytest.approx(3.75 - 1.625)
    assert second.standard_error == pytest.approx(fit.error_sd * math.sqrt(1.5 / 2))


def test_without_error_variance_there_is_no_p():
    fit = fit_blocks({"a": {0: 1.0, 1: 2.0}, "b": {0: 2.0, 1: 3.0}})
    (found,) = estimate_contrasts(fit, differences_to(fit.rows, "a"))
    assert found.difference == pytest.approx(1.0)
    assert math.isnan(found.p_value)
    assert math.isnan(found.low)
    assert "no error variance" in found.note


def test_one_seed_everywhere_gives_differences_and_a_note():
    fit = fit_blocks({"a": {0: 1.0}, "b": {0: 2.0}})
    (found,) = estimate_contrasts(fit, differences_to(fit.rows, "a"))
    assert (found.difference, math.isnan(found.standard_error)) == (pytest.approx(1.0), True)
    assert "two seeds in common" in found.note


def test_a_row_without_connection_is_named_and_not_counted():
    values = study(3, 3)
    alone = {**values, "far": {90: 1.0, 91: 2.0}}
    found = estimate_contrasts(fit_blocks(alone), differences_to(list(alone), "r0"))
    assert "not estimable" in found[2].note
    expected = estimate_contrasts(fit_blocks(values), differences_to(list(values), "r0"))
    assert found[0].low == pytest.approx(expected[0].low, abs=0.3)  # one family of two, with one more df
    assert not math.isnan(found[0].p_value)


def test_holm_multiplies_the_smallest_by_the_number_of_tests():
    assert holm([0.01, math.nan, 0.04, 0.03])[0] == pytest.approx(0.03)
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_contrast_of_nothing_is_refused():
    fit = fit_blocks(study(2, 2))
    with pytest.raises(ConfigError, match="contrast 'x': expected a weight other than 0"):
        estimate_contrasts(fit, [Contrast("x", {"r0": 0.0})])
    assert estimate_contrasts(fit, []) == ()
