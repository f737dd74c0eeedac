"""The block fit: exact against plain least squares, balanced or not."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from yololab.errors import ConfigError, DataError
from yololab.statistics.blocks import fit_blocks

UNBALANCED = {"base": {0: 1.0, 1: 2.0, 2: 4.0}, "eca": {0: 2.0, 1: 2.5}, "cbam": {1: 3.0, 2: 6.0}, "one": {2: 7.0}}


def by_least_squares(values):
    rows, seeds = list(values), sorted({seed for runs in values.values() for seed in runs})
    design, found = [], []
    for row, runs in values.items():
        for seed, value in runs.items():
            design.append([row == r for r in rows] + [seed == s for s in seeds])
            found.append(value)
    design, found = np.array(design, dtype=float), np.array(found)
    solution, _, rank, _ = np.linalg.lstsq(design, found, rcond=None)
    covariance = np.linalg.pinv(design.T @ design)[: len(rows), : len(rows)]
    return solution[: len(rows)], covariance, float(((found - design @ solution) ** 2).sum()), len(found) - rank


def test_two_rows_are_the_paired_t_test():
    fit = fit_blocks({"base": {0: 1.0, 1: 2.0, 2: 3.0}, "new": {0: 2.0, 1: 3.5, 2: 3.5}})
    difference = np.array([1.0, 1.5, 0.5])
    contrast = np.array([-1.0, 1.0])
    assert contrast @ fit.means == pytest.approx(1.0)
    error = fit.error_sd * math.sqrt(contrast @ fit.inverse @ contrast)
    assert error == pytest.approx(difference.std(ddof=1) / math.sqrt(3))
    assert fit.df == 2


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(2, 5), st.integers(0, 10_000))
def test_any_layout_equals_least_squares(num_rows, num_seeds, seed):
    rng = np.random.default_rng(seed)
    values = {
        f"r{row}": {s: float(rng.normal()) for s in range(num_seeds) if rng.random() < 0.7} or {0: 1.0}
        for row in range(num_rows)
    }
    fit = fit_blocks(values)
    effects, covariance, squares, df = by_least_squares(values)
    weights = np.eye(num_rows) - np.eye(num_rows)[0]
    estimable = fit.is_estimable(weights)
    assert (fit.df, fit.squares) == (df, pytest.approx(squares, abs=1e-9))
    assert (weights @ fit.means)[estimable] == pytest.approx((weights @ effects)[estimable])
    variance = np.diag(weights @ covariance @ weights.T)[estimable]
    assert np.diag(weights @ fit.inverse @ weights.T)[estimable] == pytest.approx(variance)
    assert np.nansum(fit.leverage) == pytest.approx(np.sum([len(runs) for runs in values.values()]) - df)


def test_a_row_with_one_seed_is_judged_by_the_error_of_the_others():
    fit = fit_blocks(UNBALANCED)
    assert fit.df == 8 - (4 + 3 - 1)
    assert fit.is_estimable(np.array([[-1.0, 0, 0, 1.0]]))[0]


def test_rows_that_no_seed_connects_cannot_be_compared():
    fit = fit_blocks({"a": {0: 1.0, 1: 2.0}, "b": {0: 1.0, 1: 3.0}, "c": {7: 1.0, 8: 2.0}})
    assert fit.is_estimable(np.array([[-1.0, 1, 0], [-1.0, 0, 1]])).tolist() == [True, False]


def test_the_means_of_a_balanced_study_are_the_plain_means():
    fit = fit_blocks({"a": {0: 1.0, 1: 2.0}, "b": {0: 3.0, 1: 5.0}})
    assert fit.means == pytest.approx([1.5, 4.0])


def test_rounding_is_no_error_variance():
    fit = fit_blocks({"a": {0: 0.1, 1: 0.2}, "b": {0: 0.1 + 0.3, 1: 0.2 + 0.3}})
    assert fit.squares == 0.0


@pytest.mark.parametrize(
    ("rows", "seeds", "half_width"), [(12, 3, 1.693), (12, 2, 2.201), (16, 3, 1.668), (16, 2, 2.131)]
)
def test_half_widths_in_standard_deviations(rows, seeds, half_width):
    rng = np.random.default_rng(0)
    fit = fit_blocks({f"r{row}": {seed: float(rng.normal()) for seed in range(seeds)} for row in range(rows)})
    contrast = np.eye(rows)[1] - np.eye(rows)[0]
    found = stats.t.isf(0.025, fit.df) * math.sqrt(contrast @ fit.inverse @ contrast)
    assert found == pytest.approx(half_width, abs=5e-4)


def test_errors_say_what_and_where():
    with pytest.raises(DataError, match="row 'a', seed 3: expected a finite value, found nan"):
        fit_blocks({"a": {3: math.nan}})
    with pytest.raises(DataError, match="without runs"):
        fit_blocks({"a": {}})
    with pytest.raises(ConfigError, match="did you mean 'base'"):
        fit_blocks(UNBALANCED).index("bas")
