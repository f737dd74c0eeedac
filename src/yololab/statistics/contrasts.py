"""Any family of comparisons between rows, under one error rate: simultaneous intervals and the p-values that agree.

Single-step max-t (Hothorn, Bretz & Westfall, Biometrical Journal 50, 2008): the interval of a contrast is
estimate +- c * standard error with c from the joint distribution of all |t| of the family, and its p is
P(max |T| >= |t|) from that same distribution; the interval excludes 0 exactly where p < 1 - level. Differences to a
baseline are Dunnett's case. Holm's p from the individual p-values stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from yololab.errors import ConfigError
from yololab.statistics.blocks import BlockFit
from yololab.statistics.max_t import MaxT, correlation_of

NOT_ESTIMABLE = "not estimable: no seeds connect these rows"
NO_FREEDOM = "no error estimate: at least two rows need two seeds in common"
NO_ERROR = "no error variance: all runs agree to the last digit, which is no evidence"


@dataclass(frozen=True)
class Contrast:
    """A linear combination of rows, e.g. {"attention": 1, "placebo": -1}; rows not named have weight 0."""

    name: str
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Estimate:
    """A contrast, judged together with its family; nan where `note` says why."""

    name: str
    difference: float = math.nan
    standard_error: float = math.nan
    df: float = math.nan
    low: float = math.nan
    """Simultaneous interval, two-sided, of the level asked for (0.95)"""
    high: float = math.nan
    equivalence_low: float = math.nan
    """Simultaneous interval of level 1 - 2 alpha (0.90), for two one-sided tests at alpha"""
    equivalence_high: float = math.nan
    p_value: float = math.nan
    """Adjusted for the family; below alpha exactly where the interval excludes 0"""
    p_individual: float = math.nan
    p_holm: float = math.nan
    note: str = ""


def differences_to(rows: Sequence[str], baseline: str) -> tuple[Contrast, ...]:
    """Each row minus the baseline, named after the row."""
    return tuple(Contrast(row, {row: 1.0, baseline: -1.0}) for row in rows if row != baseline)


def estimate_contrasts(fit: BlockFit, contrasts: Sequence[Contrast], level: float = 0.95) -> tuple[Estimate, ...]:
    """Judge contrasts as one family; ConfigError where one names a row that the study lacks."""
    if not contrasts:
        return ()
    weights = contrast_weights(fit, contrasts)
    differences = weights @ fit.means
    estimable = fit.is_estimable(weights)
    names = [contrast.name for contrast in contrasts]
    estimates = [Estimate(name, note=NOT_ESTIMABLE) for name in names]
    if fit.df == 0 or fit.squares == 0.0:
        note = NO_FREEDOM if fit.df == 0 else NO_ERROR
        return tuple(
            Estimate(name, float(difference), note=note) if found else estimate
            for name, difference, found, estimate in zip(names, differences, estimable, estimates, strict=True)
        )
    covariance = fit.error_sd**2 * (weights @ fit.inverse @ weights.T)[np.ix_(estimable, estimable)]
    kept = [name for name, found in zip(names, estimable, strict=True) if found]
    judged = iter(judge_family(kept, differences[estimable], covariance, fit.df, level)) if kept else iter(())
    return tuple(next(judged) if found else estimate for found, estimate in zip(estimable, estimates, strict=True))


def contrast_weights(fit: BlockFit, contrasts: Sequence[Contrast]) -> np.ndarray:
    """(contrasts, rows)"""
    weights = np.zeros((len(contrasts), len(fit.rows)))
    for index, contrast in enumerate(contrasts):
        for row, weight in contrast.weights.items():
            weights[index, fit.index(row)] += weight
        if not weights[index].any():
            raise ConfigError(f"contrast {contrast.name!r}: expected a weight other than 0, got {contrast.weights}")
    return weights


def judge_family(
    names: Sequence[str], differences: np.ndarray, covariance: np.ndarray, df: float, level: float = 0.95
) -> list[Estimate]:
    """Estimates of contrasts (k,) with covariance (k, k), estimated with `df` degrees of freedom."""
    errors = np.sqrt(np.diag(covariance))
    family = MaxT(correlation_of(covariance), df)
    statistics = differences / errors
    individual = 2 * stats.t.sf(np.abs(statistics), df)
    wide, narrow = family.critical(level) * errors, family.critical(2 * level - 1) * errors
    p_values, p_holm = family.p_values(statistics), holm(individual)
    return [
        Estimate(
            name=name,
            difference=float(differences[index]),
            standard_error=float(errors[index]),
            df=float(df),
            low=float(differences[index] - wide[index]),
            high=float(differences[index] + wide[index]),
            equivalence_low=float(differences[index] - narrow[index]),
            equivalence_high=float(differences[index] + narrow[index]),
            p_value=float(p_values[index]),
            p_individual=float(individual[index]),
            p_holm=p_holm[index],
        )
        for index, name in enumerate(names)
    ]


def holm(p_values: Sequence[float] | np.ndarray) -> list[float]:
    """Holm's step-down adjustment (Scandinavian Journal of Statistics 6, 1979); nan stays nan and does not count."""
    known = sorted((p, index) for index, p in enumerate(p_values) if not math.isnan(p))
    adjusted = [float(p) for p in p_values]
    largest = 0.0
    for rank, (p, index) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * float(p)))
        adjusted[index] = largest
    return adjusted
