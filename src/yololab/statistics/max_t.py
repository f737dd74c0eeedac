"""The distribution of the largest |t| of several contrasts that share one error estimate: intervals and p-values alike.

P(max |T_i| <= c) for T = Z / s, Z normal with the contrasts' correlation R, s^2 = chi^2_df / df, in two ways:

- R has one factor, R_ij = l_i l_j (differences to a baseline: l^2 = 1/2 in a balanced study; Dunnett, JASA 50, 1955):
  the integral over the factor and over s of prod_i [Phi((cs - l_i y) / sqrt(1 - l_i^2)) - Phi((-cs - l_i y) / ...)].
- else by direction (Déak, Numerische Mathematik 35, 1980): Z = radius * direction, so that
  P = mean over directions u of F_{k,df}(c^2 / (k max_i (a_i u)^2)), R = A A' of rank k; the directions are a fixed
  Sobol sequence. R may be singular: contrasts may depend on one another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special, stats
from scipy.optimize import brentq

NODES = 96
DIRECTIONS = 2**14


@dataclass(frozen=True, eq=False)
class MaxT:
    """Distribution of max |T| over contrasts with the given correlation (k, k) and degrees of freedom."""

    correlation: np.ndarray
    df: float

    def p_values(self, statistics: np.ndarray) -> np.ndarray:
        """P(max |T| >= |t|) for each statistic (n,) -> (n,); nan stays nan.

        Held between its bounds, the individual p and k times it, so that it is never 0 for a finite t.
        """
        statistics = np.abs(np.asarray(statistics, dtype=float))
        individual = 2 * stats.t.sf(statistics, self.df)
        if len(self.correlation) == 1:
            return individual
        result = np.full(statistics.shape, np.nan)
        known = ~np.isnan(statistics)
        tail = 1 - _cdf(self.correlation.tobytes(), len(self.correlation), statistics[known], self.df)
        upper = np.minimum(1.0, len(self.correlation) * individual[known])
        result[known] = np.clip(tail, individual[known], upper)
        return result

    def critical(self, level: float) -> float:
        """The c with P(max |T| <= c) = level, from the same numbers as the p-values."""
        return _critical(self.correlation.tobytes(), len(self.correlation), float(self.df), level)


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a monotone function crosses 0 between `low` and `high`."""
    return float(brentq(function, low, high, xtol=1e-12))  # type: ignore[arg-type]


def correlation_of(covariance: np.ndarray) -> np.ndarray:
    """Correlation (k, k), rounded so that equal layouts give equal bytes."""
    scale = np.sqrt(np.diag(covariance))
    correlation = np.round(covariance / np.outer(scale, scale), 10) + 0.0
    np.fill_diagonal(correlation, 1.0)
    return correlation


@lru_cache(maxsize=4096)
def _critical(correlation: bytes, size: int, df: float, level: float) -> float:
    family = MaxT(np.frombuffer(correlation).reshape(size, size), df)
    alpha = 1 - level
    low, high = float(stats.t.isf(alpha / 2, df)), float(stats.t.isf(alpha / (2 * size), df))
    if size == 1:
        return low
    return root(lambda c: float(family.p_values(np.array([c]))[0]) - alpha, low * (1 - 1e-9), high * (1 + 1e-9))


def _cdf(correlation: bytes, size: int, limits: np.ndarray, df: float) -> np.ndarray:
    loadings = _loadings(correlation, size)
    if loadings is None:
        return _cdf_by_direction(_spreads(correlation, size), limits, df)
    return _cdf_one_factor(loadings, limits, df)


@lru_cache(maxsize=4096)
def _loadings(correlation: bytes, size: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Distinct l (m,) with R_ij = l_i l_j and how often each occurs; None where R has no such form."""
    matrix = np.frombuffer(correlation).reshape(size, size)
    if size == 2:
        first = np.sqrt(abs(matrix[0, 1]))
        loadings = np.array([first, np.sign(matrix[0, 1]) * first])
    else:
        i, j, k = np.arange(size), np.roll(np.arange(size), -1), np.roll(np.arange(size), -2)
        with np.errstate(divide="ignore", invalid="ignore"):
            loadings = np.sqrt(matrix[i, j] * matrix[i, k] / matrix[j, k])
        loadings = np.nan_to_num(loadings) * np.where(matrix[0] < 0, -1.0, 1.0)
    product = np.outer(loadings, loadings)
    np.fill_diagonal(product, 1.0)
    if np.abs(product - matrix).max() > 1e-8 or np.abs(loadings).max() > 0.999:
        return None
    distinct, counts = np.unique(np.round(loadings, 9), return_counts=True)
    return distinct, counts


def _cdf_one_factor(loadings: tuple[np.ndarray, np.ndarray], limits: np.ndarray, df: float) -> np.ndarray:
    nodes, weights = _legendre()
    scales, scale_weights = scale_nodes(df)
    factor = 8.5 * nodes  # beyond 8.5 standard deviations lies 2e-17
    factor_weights = 8.5 * weights * np.exp(-(factor**2) / 2) / np.sqrt(2 * np.pi)
    bounds = limits[:, None, None] * scales[:, None]  # (limits, scales, 1)
    inside = np.ones((len(limits), len(scales), len(factor)))
    for loading, count in zip(*loadings, strict=True):
        width = np.sqrt(1 - loading**2)
        upper = special.ndtr((bounds - loading * factor) / width)
        inside *= (upper - special.ndtr((-bounds - loading * factor) / width)) ** int(count)
    return (inside @ factor_weights) @ scale_weights


@lru_cache(maxsize=1)
def _legendre() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(NODES)


@lru_cache(maxsize=4096)
def scale_nodes(df: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for the distribution of s = chi_df / sqrt(df)."""
    nodes, weights = _legendre()
    root = np.sqrt(df)
    low = stats.chi.ppf(1e-14, df) / root if df > 4 else 0.0
    high = stats.chi.isf(1e-14, df) / root
    scales = low + (high - low) * (nodes + 1) / 2
    density = weights * (high - low) / 2 * stats.chi.pdf(scales * root, df) * root
    return scales, density / density.sum()


def _cdf_by_direction(spreads: tuple[np.ndarray, int], limits: np.ndarray, df: float) -> np.ndarray:
    largest, rank = spreads
    return np.array([special.fdtr(rank, df, limit**2 / (rank * largest)).mean() for limit in limits])


@lru_cache(maxsize=256)
def _spreads(correlation: bytes, size: int) -> tuple[np.ndarray, int]:
    """max_i (a_i u)^2 over fixed directions u (directions,), and the rank of the correlation."""
    values, vectors = np.linalg.eigh(np.frombuffer(correlation).reshape(size, size))
    kept = values > 1e-9 * size
    root = vectors[:, kept] * np.sqrt(values[kept])
    rank = int(kept.sum())
    points = stats.qmc.Sobol(rank, scramble=True, rng=np.random.default_rng(0)).random(DIRECTIONS)
    normal = special.ndtri(np.clip(points, 1e-12, 1 - 1e-12))
    directions = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    return ((directions @ root.T) ** 2).max(axis=1), rank
