"""Each comparison of two rows by itself: paired t over their shared seeds, Bonferroni over the comparisons.

The analysis for rows whose errors differ. Nothing is pooled, so three seeds leave two degrees of freedom; intervals
are of level 1 - alpha / k and p = min(1, k p), which agree (k: comparisons that can be judged).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from yololab.errors import ConfigError
from yololab.statistics.blocks import ROUNDING, Values
from yololab.statistics.contrasts import NO_ERROR, Contrast, Estimate, holm

TOO_FEW = "fewer than two seeds in common"


def estimate_pairs(values: Values, contrasts: Sequence[Contrast], level: float = 0.95) -> tuple[Estimate, ...]:
    """Contrasts of one row with another, one paired t each. ConfigError for any other contrast."""
    pairs = [_pair(contrast.name, *(values[row] for row in _rows_of(contrast))) for contrast in contrasts]
    judged = [pair for pair in pairs if not pair.note]
    p_holm = iter(holm([pair.p_individual for pair in judged]))
    return tuple(pair if pair.note else _adjusted(pair, len(judged), next(p_holm), 1 - level) for pair in pairs)


def _rows_of(contrast: Contrast) -> tuple[str, str]:
    """Minuend and subtrahend."""
    by_weight = {weight: row for row, weight in contrast.weights.items()}
    if len(contrast.weights) != 2 or by_weight.keys() != {1.0, -1.0}:
        raise ConfigError(f"contrast {contrast.name!r}: expected one row minus another, got {dict(contrast.weights)}")
    return by_weight[1.0], by_weight[-1.0]


def shared_differences(values: Mapping[int, float], reference: Mapping[int, float]) -> np.ndarray:
    """`values` minus `reference` over the seeds that both have, by seed -> (shared,)."""
    return np.array([values[seed] - reference[seed] for seed in sorted(values.keys() & reference.keys())])


def _pair(row: str, values: Mapping[int, float], reference: Mapping[int, float]) -> Estimate:
    differences = shared_differences(values, reference)
    if len(differences) < 2:
        difference = float(differences[0]) if len(differences) else math.nan
        return Estimate(row, difference, note=TOO_FEW)
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    if spread <= ROUNDING * max(abs(value) for value in (*values.values(), *reference.values())):
        return Estimate(row, mean, note=NO_ERROR)
    error, df = spread / math.sqrt(len(differences)), len(differences) - 1
    p_value = float(2 * stats.t.sf(abs(mean) / error, df))
    return Estimate(row, mean, error, df, p_individual=p_value)


def _adjusted(pair: Estimate, family: int, p_holm: float, alpha: float) -> Estimate:
    """The pair as one of `family` that share an error of alpha; at 2 alpha for two one-sided tests."""
    wide = stats.t.isf(alpha / (2 * family), pair.df) * pair.standard_error
    narrow = stats.t.isf(alpha / family, pair.df) * pair.standard_error
    return replace(
        pair,
        low=pair.difference - wide,
        high=pair.difference + wide,
        equivalence_low=pair.difference - narrow,
        equivalence_high=pair.difference + narrow,
        p_value=min(1.0, family * pair.p_individual),
        p_holm=p_holm,
    )
