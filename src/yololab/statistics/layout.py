"""Rows as combinations of factor levels: which terms of the factor model they can tell, and by which weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from yololab.errors import ConfigError

Term = tuple[str, ...]
"""() the mean, ("attention",) a main effect, ("attention", "neck") an interaction"""
Point = Mapping[str, str]
"""Factor -> level"""
TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class Layout:
    """Rows as points, the terms that they can tell, and the map from row means to the model's parameters."""

    points: tuple[Point, ...]
    levels: Mapping[str, tuple[str, ...]]
    """Levels of each factor, in the order of the rows"""
    kept: tuple[Term, ...]
    left: tuple[Term, ...]
    """Terms that the kept ones leave without their full degrees of freedom"""
    solve: np.ndarray
    """(parameters, rows): the pseudo-inverse of the kept terms' indicator columns"""

    def weights(self, cell: Point) -> np.ndarray:
        """(rows,) weights of a cell's mean, averaged over the levels of factors that it does not name."""
        return np.concatenate([self._expected(term, cell) for term in self.kept]) @ self.solve

    def difference(self, cell: Point) -> np.ndarray:
        """(rows,) the cell against first levels: a difference for one factor, one of differences for two."""
        total = np.zeros(len(self.points))
        for use in product((True, False), repeat=len(cell)):
            pairs = zip(cell.items(), use, strict=True)
            changed = {factor: level if kept else self.levels[factor][0] for (factor, level), kept in pairs}
            total += (-1.0) ** use.count(False) * self.weights(changed)
        return total

    def aliases(self, weights: np.ndarray) -> tuple[Term, ...]:
        """Terms left out that would move a contrast: products of centred indicators, which have no marginal effects."""
        found = []
        for term in self.left:
            centred = np.ones((len(weights), 1))
            for factor in term:
                indicators = _columns(self.points, self.levels, [(factor,)]) - 1 / len(self.levels[factor])
                centred = (centred[:, :, None] * indicators[:, None]).reshape(len(weights), -1)
            if np.abs(weights @ centred).max() > TOLERANCE:
                found.append(term)
        return tuple(found)

    def _expected(self, term: Term, cell: Point) -> np.ndarray:
        """A term's indicators, averaged over the levels of factors that the cell does not name."""
        shares = []
        for factor in term:
            levels = self.levels[factor]
            shares.append([float(cell[factor] == level) if factor in cell else 1 / len(levels) for level in levels])
        return np.array([math.prod(combination) for combination in product(*shares)])


def layout_of(rows: Sequence[str], factors: Mapping[str, Point]) -> Layout:
    """Layout of `rows`; ConfigError for a row without factors, or with others than the first row's."""
    missing = [row for row in rows if row not in factors]
    if missing:
        raise ConfigError(f"row {missing[0]!r}: expected its factor levels, found none")
    names = tuple(factors[rows[0]])
    for row in rows:
        if set(factors[row]) != set(names):
            raise ConfigError(f"row {row!r}: expected the factors {sorted(names)}, found {sorted(factors[row])}")
    points = tuple(factors[row] for row in rows)
    levels = {name: tuple(dict.fromkeys(point[name] for point in points)) for name in names}
    varying = [name for name in names if len(levels[name]) > 1]
    kept: list[Term] = [()]
    left: list[Term] = []
    for term in [*combinations(varying, 1), *combinations(varying, 2)]:
        freedom = math.prod(len(levels[factor]) - 1 for factor in term)
        gained = _rank(points, levels, [*kept, term]) - _rank(points, levels, kept)
        (kept if gained == freedom else left).append(term)
    solve = np.linalg.pinv(_columns(points, levels, kept), rcond=1e-10)
    return Layout(points, levels, tuple(kept), tuple(left), solve)


def _columns(points: tuple[Point, ...], levels: Mapping[str, tuple[str, ...]], terms: Sequence[Term]) -> np.ndarray:
    """Indicator of each combination of levels of each term (rows, columns)."""
    cells = [dict(zip(term, found)) for term in terms for found in product(*(levels[factor] for factor in term))]
    return np.array([[float(all(point[f] == cell[f] for f in cell)) for cell in cells] for point in points])


def _rank(points: tuple[Point, ...], levels: Mapping[str, tuple[str, ...]], terms: Sequence[Term]) -> int:
    return int(np.linalg.matrix_rank(_columns(points, levels, terms), tol=TOLERANCE))
