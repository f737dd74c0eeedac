"""Fractions of designs whose axes have any number of levels: generalized subset designs, and what they mix up.

Surowiec et al., Generalized Subset Designs in Analytical Chemistry, Anal. Chem. 89, 2017; made by pyDOE3. The subset
that holds all first levels, the baseline, is taken. Two effects are confounded where one lies in the span of the other
(their largest canonical correlation is 1), and partly where they overlap.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from pyDOE3 import gsd

from yololab.errors import ConfigError

ALMOST = 1e-6


def subset(lengths: Sequence[int], reduction: int) -> list[tuple[int, ...]]:
    """Combinations of levels, about 1 / `reduction` of all, the one of all first levels among them."""
    shape = " x ".join(map(str, lengths))
    try:
        found = gsd(list(lengths), reduction, n=reduction)
    except ValueError as error:
        raise ConfigError(f"no fraction of 1/{reduction} of {shape} runs: {error}") from error
    designs = [np.asarray(design, dtype=int) for design in (found if isinstance(found, list) else [found])]
    chosen = next((design for design in designs if (design == 0).all(axis=1).any()), None)
    if chosen is None:
        raise ConfigError(f"no fraction of 1/{reduction} of {shape} runs holds the baseline")
    return sorted(tuple(row) for row in chosen.tolist())


def overlaps(
    places: Sequence[Sequence[int]], lengths: Sequence[int]
) -> list[tuple[frozenset[int], frozenset[int], float]]:
    """Pairs of effects (sets of one or two axes) that the runs at `places` do not keep apart, with the overlap in
    (0, 1]: the largest correlation of a contrast of one with a contrast of the other."""
    axes = range(len(lengths))
    effects = [frozenset({a}) for a in axes] + [frozenset(pair) for pair in itertools.combinations(axes, 2)]
    table = np.array(places)
    bases = {effect: _basis(table, lengths, effect) for effect in effects}
    found = []
    for first, second in itertools.combinations(effects, 2):
        a, b = bases[first], bases[second]
        if a.shape[1] and b.shape[1]:
            largest = float(np.linalg.svd(a.T @ b, compute_uv=False).max())
            if largest > ALMOST:
                found.append((first, second, min(largest, 1.0)))
    return found


def _basis(table: np.ndarray, lengths: Sequence[int], effect: frozenset[int]) -> np.ndarray:
    """Orthonormal contrasts (runs, k) of an effect, what its axes and the mean explain taken off."""
    columns = [_contrasts(table[:, axis], lengths[axis]) for axis in sorted(effect)]
    own = columns[0]
    lower = [np.ones((len(table), 1))]
    if len(columns) == 2:
        own = (columns[0][:, :, None] * columns[1][:, None, :]).reshape(len(table), -1)
        lower += columns
    below = _orthonormal(np.concatenate(lower, axis=1))
    return _orthonormal(own - below @ (below.T @ own))


def _contrasts(levels: np.ndarray, length: int) -> np.ndarray:
    """Every level but the first against the mean: (runs, length - 1)."""
    return np.eye(length)[levels][:, 1:] - 1 / length


def _orthonormal(matrix: np.ndarray) -> np.ndarray:
    left, values, _ = np.linalg.svd(matrix, full_matrices=False)
    return left[:, values > ALMOST * max(1.0, float(values.max(initial=0.0)))]
