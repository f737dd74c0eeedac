"""Where the spread of runs comes from: two random factors, each level of one with each of the other.

    value[start, order] = mean + start + order + rest,   each part with a variance of its own.

The mean squares of the two-way layout give them by the method of moments (Searle, Casella & McCulloch, Variance
Components, 1992, ch. 4); what comes out negative is 0. The rest is what the two do together, and all that neither
decides. **Wrong** where a level has few others beside it: with four of each, a component is known to half of itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from yololab.statistics.blocks import Values


@dataclass(frozen=True)
class Sources:
    """Standard deviations, in the values' unit, of what rows, seeds and the rest contribute to a single run."""

    rows: float
    seeds: float
    rest: float


def sources_of(values: Values) -> Sources | None:
    """Of rows whose levels are a sample, as seeds are; None unless at least two of each are crossed completely."""
    seeds = {frozenset(row) for row in values.values()}
    if len(seeds) != 1 or len(values) < 2 or len(next(iter(seeds))) < 2:
        return None
    order = sorted(next(iter(seeds)))
    table = np.array([[row[seed] for seed in order] for row in values.values()])
    rows, columns = table.shape
    by_row, by_column = table.mean(axis=1), table.mean(axis=0)
    rest = table - by_row[:, None] - by_column[None] + table.mean()
    error = float((rest**2).sum()) / ((rows - 1) * (columns - 1))
    of_rows = float(by_row.var(ddof=1)) - error / columns
    of_columns = float(by_column.var(ddof=1)) - error / rows
    return Sources(math.sqrt(max(of_rows, 0.0)), math.sqrt(max(of_columns, 0.0)), math.sqrt(error))
