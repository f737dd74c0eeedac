"""The checks find what they are made for, and nothing in sound studies."""

import numpy as np

from yololab.statistics import assumptions
from yololab.statistics.assumptions import MANY_ROWS, MANY_RUNS, THRESHOLD, check_equal_variances, check_outliers
from yololab.statistics.blocks import fit_blocks, fit_layout


def study(rng, spreads, seeds):
    return {
        f"r{row}": {seed: float(spread * rng.normal()) for seed in range(seeds)} for row, spread in enumerate(spreads)
    }


def test_a_row_ten_times_as_wide_is_found():
    fit = fit_blocks(study(np.random.default_rng(0), [1, 1, 10, 1], 8))
    found = check_equal_variances(fit)
    assert found.passed is False
    assert "'r2' is the widest" in found.detail


def test_a_run_far_off_is_found_and_named():
    values = study(np.random.default_rng(1), [1] * 5, 4)
    values["r3"][2] += 12
    found = check_outliers(fit_blocks(values))
    assert found.passed is False
    assert "row 'r3', seed 2" in found.detail


def test_sound_studies_fail_as_rarely_as_the_threshold_says():
    rng = np.random.default_rng(2)
    fits = [fit_blocks(study(rng, [1] * 4, 3)) for _ in range(400)]
    for check in (check_equal_variances, check_outliers):
        failed = np.mean([check(fit).passed is False for fit in fits])
        assert failed <= THRESHOLD + 3 * np.sqrt(THRESHOLD / 400)


def test_two_seeds_are_too_few_for_variances():
    fit = fit_blocks(study(np.random.default_rng(3), [1] * 3, 2))
    assert check_equal_variances(fit).passed is None
    assert "three seeds" in check_equal_variances(fit).detail


def test_without_error_nothing_is_checked():
    fit = fit_blocks({"a": {0: 1.0, 1: 2.0, 2: 3.0}, "b": {0: 1.0, 1: 2.0, 2: 3.0}})
    assert check_equal_variances(fit).passed is None
    assert check_outliers(fit).passed is None


def test_many_rows_of_many_seeds_are_judged_by_f_and_as_rarely_refused(monkeypatch):
    monkeypatch.setattr(assumptions, "_reference", None)  # nothing is simulated
    rng = np.random.default_rng(4)
    tables = [fit_blocks(study(rng, [1] * MANY_ROWS, MANY_RUNS)) for _ in range(150)]
    p_values = np.array([check_equal_variances(fit).p_value for fit in tables])
    assert 0.05 - 3 * np.sqrt(0.05 * 0.95 / 150) <= (p_values < 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_few_rows_are_simulated_however_many_seeds_they_have():
    """The measured fault: with three rows F refused a quarter as often as it said."""
    rng = np.random.default_rng(6)
    fits = [fit_blocks(study(rng, [1] * 3, MANY_RUNS)) for _ in range(600)]
    refused = np.mean([check_equal_variances(fit).p_value < 0.05 for fit in fits])
    assert abs(refused - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 600)


def test_the_reference_is_that_of_the_hat_matrix():
    layout = np.ones((4, 5), dtype=bool)
    layout[0, 0] = layout[2, 3] = layout[2, 4] = False
    rows, seeds = np.nonzero(layout)
    design = np.zeros((len(rows), 9))
    design[np.arange(len(rows)), rows] = design[np.arange(len(rows)), 4 + seeds] = 1
    hat = design @ np.linalg.pinv(design)
    fit, filled = fit_layout(layout), np.zeros((4, 5))
    filled[rows, seeds] = np.random.default_rng(5).normal(size=len(rows))
    values = filled[rows, seeds]
    assert np.allclose(fit.residuals(filled)[rows, seeds], values - hat @ values, atol=1e-12)
    assert np.allclose(fit.leverage[rows, seeds], np.diag(hat), atol=1e-12)
