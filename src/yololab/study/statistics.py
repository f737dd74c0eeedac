"""Mean and spread over seeds, and paired differences to a baseline."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import t as student_t


@dataclass(frozen=True)
class Summary:
    """Mean and sample standard deviation (nan for one value) of `count` values."""

    mean: float
    std: float
    count: int


@dataclass(frozen=True)
class PairedDifference:
    """Mean difference over shared seeds; half-width of its 95% confidence interval and p of a paired t-test.

    Both are nan where fewer than two seeds are shared.
    """

    mean: float
    half_width: float
    p_value: float
    count: int


def summarise(values: Sequence[float]) -> Summary:
    """Mean and spread; ValueError for no values."""
    if not values:
        raise ValueError("expected at least one value")
    std = statistics.stdev(values) if len(values) > 1 else math.nan
    return Summary(statistics.fmean(values), std, len(values))


def paired_difference(values: Mapping[int, float], baseline: Mapping[int, float]) -> PairedDifference | None:
    """`values` minus `baseline` over the seeds that both have; None where they share none."""
    seeds = sorted(values.keys() & baseline.keys())
    if not seeds:
        return None
    differences = [values[seed] - baseline[seed] for seed in seeds]
    summary = summarise(differences)
    if summary.count < 2:
        return PairedDifference(summary.mean, math.nan, math.nan, summary.count)
    error = summary.std / math.sqrt(summary.count)
    freedom = summary.count - 1
    half_width = float(student_t.ppf(0.975, freedom)) * error
    p_value = float(2 * student_t.sf(abs(summary.mean) / error, freedom)) if error > 0 else float(summary.mean == 0)
    return PairedDifference(summary.mean, half_width, p_value, summary.count)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment (Scandinavian Journal of Statistics 6, 1979); nan stays nan and does not count."""
    order = sorted((i for i, p in enumerate(p_values) if not math.isnan(p)), key=lambda i: p_values[i])
    adjusted = list(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
