"""Each row against the baseline by itself: paired t over their shared seeds, Bonferroni over the rows.

The analysis for rows whose errors differ. Nothing is pooled, so three seeds leave two degrees of freedom; intervals
are of level 1 - alpha / k and p = min(1, k p), which agree (k: rows that can be judged).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import stats

from yololab.statistics.blocks import ROUNDING, BlockFit, Values
from yololab.statistics.contrasts import NO_ERROR, Estimate, holm

TOO_FEW = "fewer than two seeds in common with the baseline"


def estimate_pairs(fit: BlockFit, values: Values, baseline: str, level: float = 0.95) -> tuple[Estimate, ...]:
    """Differences of all other rows to the baseline, one paired t each."""
    reference = values[fit.rows[fit.index(baseline)]]
    pairs = [_pair(row, values[row], reference) for row in fit.rows if row != baseline]
    judged = [pair for pair in pairs if not pair.note]
    p_holm = iter(holm([pair.p_individual for pair in judged]))
    return tuple(pair if pair.note else _adjusted(pair, len(judged), next(p_holm), 1 - level) for pair in pairs)


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
