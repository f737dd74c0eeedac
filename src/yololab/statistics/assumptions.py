"""Does the pooled error hold? Equal variances across rows, and outliers; each a verdict with its p-value.

Variances: Brown & Forsythe's F (JASA 69, 1974) on residuals / sqrt(1 - leverage), deviations from the row's median.
With three or four seeds its F distribution is far off, and residuals of one fit are correlated, so p is taken from
REFERENCE_STUDIES simulated normal studies of the same layout, from a fixed seed; with MANY_ROWS of MANY_RUNS each, F
holds. Outliers: externally studentised residuals (Cook & Weisberg, Residuals and Influence in Regression, 1982, ch. 2),
Bonferroni over all runs.

Both thresholds are 0.01, not 0.05: a sound study then falls back to the weaker analysis in at most 2 of 100 cases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from yololab.statistics.blocks import BlockFit, fit_layout

FEWEST_DF = 3
"""Without the run in question, two must be left: with one, two equal differences make any third an outlier"""
THRESHOLD = 0.01
REFERENCE_STUDIES = 2000
CHUNK = 1 << 20
"""Simulated runs held at a time"""
MANY_RUNS = 100
MANY_ROWS = 20
"""From here on F's distribution is as good as simulation; residuals of few rows mirror each other with any seeds"""
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
    p_value = _chance_of_more(float(found), present)
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


def _chance_of_more(found: float, layout: np.ndarray) -> float:
    """Probability of a statistic of at least `found` in a sound study of this layout, (rows, seeds) bool."""
    counts = layout.sum(axis=1)
    counts = counts[counts >= FEWEST_RUNS]
    if counts.min() >= MANY_RUNS and len(counts) >= MANY_ROWS:
        between, within = len(counts) - 1, int(counts.sum()) - len(counts)
        return float(stats.f.sf(found * within / between, between, within))
    reference = _reference(layout.tobytes(), layout.shape)
    return float((1 + (reference >= found).sum()) / (1 + len(reference)))


@lru_cache(maxsize=256)
def _reference(present: bytes, shape: tuple[int, int]) -> np.ndarray:
    """The statistic of simulated normal studies of this layout, (REFERENCE_STUDIES,); chunks bound the memory."""
    layout = np.frombuffer(present, dtype=bool).reshape(shape)
    rows, seeds = np.nonzero(layout)
    fit = fit_layout(layout)
    errors, each = np.random.default_rng(0), max(1, CHUNK // len(rows))
    found = []
    for start in range(0, REFERENCE_STUDIES, each):
        tables = np.zeros((min(each, REFERENCE_STUDIES - start), *shape))
        tables[:, rows, seeds] = errors.standard_normal((len(tables), len(rows)))
        residuals = np.where(layout, fit.residuals(tables), np.nan)
        found.append(_brown_forsythe(_scaled(residuals, fit.leverage), layout.sum(axis=1) >= FEWEST_RUNS))
    return np.concatenate(found)
