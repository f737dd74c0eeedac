"""Does the pooled error hold? Equal variances across rows, and outliers; each a verdict with its p-value.

Variances: Brown & Forsythe's F (JASA 69, 1974) on residuals / sqrt(1 - leverage), deviations from the row's median.
With three or four seeds its F distribution is far off, and residuals of one fit are correlated, so p is taken from
REFERENCE_STUDIES simulated normal studies of the same layout, from a fixed seed. Outliers: externally studentised
residuals (Cook & Weisberg, Residuals and Influence in Regression, 1982, ch. 2), Bonferroni over all runs.

Both thresholds are 0.01, not 0.05: a sound study then falls back to the weaker analysis in at most 2 of 100 cases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from yololab.statistics.blocks import BlockFit

FEWEST_DF = 3
"""Without the run in question, two must be left: with one, two equal differences make any third an outlier"""
THRESHOLD = 0.01
REFERENCE_STUDIES = 2000
FEWEST_ROWS = 3
"""The residuals of two rows mirror each other, whatever their variances"""
FEWEST_RUNS = 3
"""Two residuals of a row mirror each other; from three on a row says something about its variance"""


@dataclass(frozen=True)
class Check:
    """A verdict on an assumption: `passed` is None where the study is too small to tell."""

    name: str
    passed: bool | None
    p_value: float
    detail: str


def check_equal_variances(fit: BlockFit) -> Check:
    """Whether the error is as large in every row."""
    present = ~np.isnan(fit.residuals)
    judged = present.sum(axis=1) >= FEWEST_RUNS
    if fit.squares == 0.0 or judged.sum() < FEWEST_ROWS:
        return Check("equal variances", None, math.nan, "not checked: needs three rows of three seeds and an error")
    found = _brown_forsythe(_scaled(fit.residuals, fit.leverage)[None], judged)[0]
    reference = _reference(present.tobytes(), present.shape)
    p_value = float((1 + (reference >= found).sum()) / (1 + len(reference)))
    spreads = np.nanstd(_scaled(fit.residuals, fit.leverage), axis=1)
    widest = int(np.argmax(np.where(judged, spreads, -1)))
    narrowest = int(np.argmin(np.where(judged, spreads, np.inf)))
    detail = (
        f"error of {fit.rows[widest]!r} is the widest, of {fit.rows[narrowest]!r} the narrowest (p = {p_value:.3g})"
    )
    return Check("equal variances", p_value >= THRESHOLD, p_value, detail)


def check_outliers(fit: BlockFit) -> Check:
    """Whether a single run stands out from row + seed by more than the error explains."""
    free = 1 - fit.leverage
    usable = np.nan_to_num(free) > 1e-8
    if fit.squares == 0.0 or fit.df < FEWEST_DF or not usable.any():
        return Check("outliers", None, math.nan, "not checked: needs two degrees of freedom and an error")
    scaled = np.where(usable, fit.residuals**2 / np.where(usable, free, 1.0), 0.0)
    rest = np.maximum(fit.squares - scaled, 0.0) / (fit.df - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = np.where(usable, np.sqrt(scaled / rest), 0.0)
    row, seed = np.unravel_index(int(np.argmax(statistics)), statistics.shape)
    p_value = min(1.0, float(usable.sum() * 2 * stats.t.sf(statistics[row, seed], fit.df - 1)))
    detail = f"row {fit.rows[row]!r}, seed {fit.seeds[seed]} lies farthest from row + seed (p = {p_value:.3g})"
    return Check("outliers", p_value >= THRESHOLD, p_value, detail)


def _scaled(residuals: np.ndarray, leverage: np.ndarray) -> np.ndarray:
    """Residuals of equal variance; nan where a run alone fixes its own effect."""
    free = 1 - leverage
    return residuals / np.sqrt(np.where(free > 1e-8, free, np.nan))


def _brown_forsythe(residuals: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """F of studies (studies, rows, seeds), up to the constant factor of its degrees of freedom -> (studies,)."""
    chosen = residuals[:, judged]
    deviations = np.abs(chosen - np.nanmedian(chosen, axis=2, keepdims=True))
    counts = (~np.isnan(deviations)).sum(axis=2)
    row_means = np.nanmean(deviations, axis=2)
    means = np.nansum(deviations, axis=(1, 2)) / counts.sum(axis=1)
    between = (counts * (row_means - means[:, None]) ** 2).sum(axis=1)
    within = np.nansum((deviations - row_means[:, :, None]) ** 2, axis=(1, 2))
    return between / np.maximum(within, np.finfo(float).tiny)


@lru_cache(maxsize=256)
def _reference(present: bytes, shape: tuple[int, int]) -> np.ndarray:
    """The statistic of simulated normal studies of this layout, (REFERENCE_STUDIES,)."""
    layout = np.frombuffer(present, dtype=bool).reshape(shape)
    design = np.zeros((int(layout.sum()), sum(shape)))
    rows, seeds = np.nonzero(layout)
    design[np.arange(len(rows)), rows] = 1
    design[np.arange(len(rows)), shape[0] + seeds] = 1
    hat = design @ np.linalg.pinv(design)
    errors = np.random.default_rng(0).standard_normal((REFERENCE_STUDIES, len(rows)))
    tables = np.full((REFERENCE_STUDIES, *shape), np.nan)
    leverage = np.full(shape, np.nan)
    tables[:, rows, seeds], leverage[rows, seeds] = errors - errors @ hat, np.diag(hat)
    return _brown_forsythe(_scaled(tables, leverage), layout.sum(axis=1) >= FEWEST_RUNS)
