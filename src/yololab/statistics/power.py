"""Planning: which difference so many seeds can show, how many seeds a difference needs, and what pairing saves.

A difference of two rows over n shared seeds has standard error sd * sqrt(2 / n), sd the error of one run (the
block fit's `error_sd`), and (rows - 1)(n - 1) degrees of freedom. With c the critical value of Dunnett's test,

    power = P(|T| > c),   T noncentral t with noncentrality difference / (sd * sqrt(2 / n)):

the chance that this one row is found different while all rows are compared to the baseline. Its non-centrality is
integrated over the error estimate, which unlike series for the noncentral t has no range of failure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special

from yololab.errors import ConfigError
from yololab.statistics.blocks import BlockFit, Values
from yololab.statistics.max_t import MaxT, root, scale_nodes

MOST_SEEDS = 10_000


@dataclass(frozen=True)
class Pairing:
    """What shared seeds save: correlation of rows over seeds, and the variance of a difference with and without."""

    correlation: float
    paired_variance: float
    """Mean variance of the difference of two rows on the same seed"""
    unpaired_variance: float
    """Mean sum of the two rows' variances: that of a difference on independent seeds"""

    @property
    def gain(self) -> float:
        """How many times as many seeds an unpaired study would need; inf where nothing is left."""
        return self.unpaired_variance / self.paired_variance if self.paired_variance > 0 else math.inf


def power(difference: float, sd: float, rows: int, seeds: int, level: float = 0.95) -> float:
    """Chance to find one row's true `difference` to the baseline in a study of `rows` rows and `seeds` seeds."""
    _check_plan(sd, rows)
    if seeds < 2:
        return 0.0
    df = float((rows - 1) * (seeds - 1))
    scales, weights = scale_nodes(df)
    shift = abs(difference) / (sd * math.sqrt(2 / seeds))
    bound = dunnett_critical(rows, seeds, level) * scales
    return float(weights @ (special.ndtr(shift - bound) + special.ndtr(-shift - bound)))


def dunnett_critical(rows: int, seeds: int, level: float = 0.95) -> float:
    """Critical |t| of the balanced comparison of rows - 1 rows to a baseline."""
    correlation = np.full((rows - 1, rows - 1), 0.5) + 0.5 * np.eye(rows - 1)
    return MaxT(correlation, float((rows - 1) * (seeds - 1))).critical(level)


def detectable_difference(sd: float, rows: int, seeds: int, wanted: float = 0.8, level: float = 0.95) -> float:
    """Smallest difference that is found with power `wanted`; inf for one seed. In the units of `sd`."""
    _check_plan(sd, rows)
    if seeds < 2:
        return math.inf
    most = sd * math.sqrt(2 / seeds) * (4 * dunnett_critical(rows, seeds, level) + 10)
    return root(lambda difference: power(difference, sd, rows, seeds, level) - wanted, 0.0, most)


def seeds_needed(difference: float, sd: float, rows: int, wanted: float = 0.8, level: float = 0.95) -> int | None:
    """Fewest seeds that find `difference` with power `wanted`; None where MOST_SEEDS do not."""
    _check_plan(sd, rows)
    low, high = 1, 2
    while power(difference, sd, rows, high, level) < wanted:
        low, high = high, 2 * high
        if high > MOST_SEEDS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(difference, sd, rows, middle, level) >= wanted else (middle, high)
    return high


def pooled_sd(fits: Sequence[BlockFit]) -> float:
    """Error of one run from finished studies, each weighted by its degrees of freedom; nan where none has any."""
    freedom = sum(fit.df for fit in fits)
    return math.sqrt(sum(fit.squares for fit in fits) / freedom) if freedom > 0 else math.nan


def pairing(values: Values) -> Pairing:
    """Measured over all pairs of rows and their shared seeds; nan where no pair shares two."""
    found = [_moments(values[first], values[second]) for first, second in combinations(values, 2)]
    freedom, paired, unpaired = np.sum([moments for moments in found if moments], axis=0) if any(found) else (0, 0, 0)
    if freedom == 0:
        return Pairing(math.nan, math.nan, math.nan)
    paired, unpaired = float(paired / freedom), float(unpaired / freedom)
    return Pairing(1 - paired / unpaired if unpaired > 0 else math.nan, paired, unpaired)


def _moments(first: Mapping[int, float], second: Mapping[int, float]) -> tuple[float, float, float] | None:
    """(df, df * variance of the difference, df * sum of variances) over the shared seeds."""
    shared = sorted(first.keys() & second.keys())
    if len(shared) < 2:
        return None
    a, b = np.array([first[seed] for seed in shared]), np.array([second[seed] for seed in shared])
    df = len(shared) - 1
    return df, df * float((a - b).var(ddof=1)), df * float(a.var(ddof=1) + b.var(ddof=1))


def _check_plan(sd: float, rows: int) -> None:
    if not sd > 0 or rows < 2:
        raise ConfigError(f"a plan needs sd > 0 and at least 2 rows (with the baseline); got sd = {sd}, rows = {rows}")
