"""Rows x seeds as a randomised block design: value = row + seed + error, the error pooled over all rows.

Least squares with the seeds eliminated (the intrablock analysis; Scheffé, The Analysis of Variance, 1959, ch. 5): with
the incidence N (rows x seeds, 1 where a run exists), row counts r and seed counts k,

    C = diag(r) - N diag(1/k) N',   effects = C^+ (row sums - N seed means),   cov(c' effects) = sigma^2 c' C^+ c,

and sigma^2 = residual sum of squares / (runs - seeds - rank C). Exact for balanced and unbalanced studies. A contrast
is estimable where C C^+ c = c: its weights sum to zero within each set of rows that seeds connect.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from yololab.errors import ConfigError, DataError, did_you_mean

Values = Mapping[str, Mapping[int, float]]
"""Row -> seed -> value; seeds may be missing in some rows"""

ROUNDING = 1e-12
"""Residuals below this share of the largest value are rounding, not error"""


@dataclass(frozen=True, eq=False)
class BlockFit:
    """Row effects, the pooled error and what is needed to judge any contrast of rows."""

    rows: tuple[str, ...]
    seeds: tuple[int, ...]
    means: np.ndarray
    """(rows,) means adjusted for the seeds that a row lacks, in the units of the values"""
    inverse: np.ndarray
    """(rows, rows) C^+: contrast c has variance error_sd^2 * c C^+ c"""
    information: np.ndarray
    """(rows, rows) C, for the question whether a contrast is estimable"""
    residuals: np.ndarray
    """(rows, seeds), nan where there is no run"""
    leverage: np.ndarray
    """(rows, seeds) in [0, 1], nan where there is no run"""
    squares: float
    """Residual sum of squares; exactly 0 where only rounding is left"""
    df: int
    """Degrees of freedom of the error: runs - rank"""

    @property
    def error_sd(self) -> float:
        """Standard deviation of the error; nan without degrees of freedom."""
        return math.sqrt(self.squares / self.df) if self.df > 0 else math.nan

    def is_estimable(self, weights: np.ndarray) -> np.ndarray:
        """Which contrasts (k, rows) the study can tell -> (k,) bool."""
        projected = weights @ self.inverse @ self.information
        return np.abs(projected - weights).max(axis=1) < 1e-8 * np.maximum(1.0, np.abs(weights).max(axis=1))

    def index(self, row: str) -> int:
        """Position of a row; ConfigError for a name that the study lacks."""
        if row not in self.rows:
            raise ConfigError(f"no row {row!r} in this study{did_you_mean(row, self.rows)}")
        return self.rows.index(row)


def fit_blocks(values: Values) -> BlockFit:
    """Fit row + seed + error; DataError for a value that is not finite or a study without runs."""
    rows = tuple(row for row, runs in values.items() if runs)
    seeds = tuple(sorted({seed for runs in values.values() for seed in runs}))
    if not rows:
        raise DataError("a study without runs: expected at least one row with one seed, found none")
    table = _table(values, rows, seeds)
    present = ~np.isnan(table)
    filled, layout = np.where(present, table, 0.0), fit_layout(present)
    effects, seed_effects = layout.effects(filled)
    residuals = np.where(present, table - effects[:, None] - seed_effects, np.nan)
    squares = float(np.nansum(residuals**2))
    if squares <= present.sum() * (ROUNDING * np.abs(filled).max()) ** 2:
        squares = 0.0
    rank = len(seeds) + np.linalg.matrix_rank(layout.information, tol=1e-8, hermitian=True)
    means, df = effects + seed_effects.mean(), int(present.sum() - rank)
    return BlockFit(rows, seeds, means, layout.inverse, layout.information, residuals, layout.leverage, squares, df)


@dataclass(frozen=True, eq=False)
class LayoutFit:
    """What a fit is before any value: it depends on which runs exist alone."""

    incidence: np.ndarray
    """N, (rows, seeds), 1 where there is a run"""
    information: np.ndarray
    inverse: np.ndarray
    leverage: np.ndarray
    """(rows, seeds), nan where there is no run"""

    def effects(self, filled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values (..., rows, seeds), 0 where there is no run -> effects of rows (..., rows) and seeds (..., seeds)."""
        counts = self.incidence.sum(axis=0)
        seed_means = filled.sum(axis=-2) / counts
        effects = (filled.sum(axis=-1) - seed_means @ self.incidence.T) @ self.inverse
        return effects, seed_means - (effects @ self.incidence) / counts

    def residuals(self, filled: np.ndarray) -> np.ndarray:
        """Values less effects, (..., rows, seeds); without meaning where there is no run."""
        rows, seeds = self.effects(filled)
        return filled - rows[..., :, None] - seeds[..., None, :]


def fit_layout(present: np.ndarray) -> LayoutFit:
    """Of which runs exist, (rows, seeds) bool; every row and every seed has one."""
    incidence = present.astype(float)
    counts = incidence.sum(axis=0)
    information = np.diag(incidence.sum(axis=1)) - (incidence / counts) @ incidence.T
    inverse = np.linalg.pinv(information, rcond=1e-10, hermitian=True)
    leverage = np.where(present, _leverage(incidence, counts, inverse), np.nan)
    return LayoutFit(incidence, information, inverse, leverage)


def _table(values: Values, rows: tuple[str, ...], seeds: tuple[int, ...]) -> np.ndarray:
    """(rows, seeds) of values, nan where there is no run."""
    table = np.full((len(rows), len(seeds)), np.nan)
    position = {seed: index for index, seed in enumerate(seeds)}
    for row_index, row in enumerate(rows):
        for seed, value in values[row].items():
            if not math.isfinite(value):
                raise DataError(f"row {row!r}, seed {seed}: expected a finite value, found {value}; leave the run out")
            table[row_index, position[seed]] = value
    return table


def _leverage(incidence: np.ndarray, seed_count: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Diagonal of the hat matrix as (rows, seeds): 1/k_j + u' C^+ u with u = e_i - N_j / k_j."""
    shares = incidence / seed_count  # (rows, seeds)
    crossed = inverse @ shares
    quadratic = np.diag(inverse)[:, None] - 2 * crossed + (shares * crossed).sum(axis=0)
    return 1 / seed_count + quadratic
