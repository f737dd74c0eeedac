"""What a row scores beside what it costs, and which rows no other beats in both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from yololab.pages.scales import axis_over
from yololab.pages.svg import below, beside, dot, figure, line, path, shortened, text

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 430.0, 300.0, 46.0, 44.0, 30.0
MOST_LABELS = 12
MOST_LETTERS = 22


@dataclass(frozen=True)
class Point:
    """A row: its cost, its mean and the standard deviation over its seeds (nan for one)."""

    name: str
    cost: float
    score: float
    spread: float
    link: str = ""


def frontier(points: Sequence[Point]) -> list[Point]:
    """Rows that no other beats in score at the same cost or less, from cheap to dear."""
    found: list[Point] = []
    for point in sorted(points, key=lambda p: (p.cost, -p.score)):
        if not found or point.score > found[-1].score:
            found.append(point)
    return found


def pareto(points: Sequence[Point], cost: str, metric: str) -> str:
    """The figure: dots, bars of one standard deviation, and the frontier as steps."""
    points = [point for point in points if math.isfinite(point.score) and math.isfinite(point.cost)]
    across = axis_over([p.cost for p in points], LEFT, WIDTH - 12, 0.14)
    reach = [p.score + sign * _spread(p) for p in points for sign in (-1, 1)]
    up = axis_over(reach, HEIGHT - BOTTOM, TOP)
    best = frontier(points)
    parts = [below(across, HEIGHT - BOTTOM, TOP, cost), beside(up, LEFT, WIDTH - 12, f"{metric}, percent")]
    if len(best) > 1:
        parts.append(path(_steps([(across(p.cost), up(p.score)) for p in best]), "frontier"))
    for point in points:
        x, y = across(point.cost), up(point.score)
        parts.append(line(x, up(point.score - _spread(point)), x, up(point.score + _spread(point)), "spread"))
        kind = "mean" if point in best else "beaten"
        parts.append(dot(x, y, kind, f"{point.name}: {point.score:.1f} at {point.cost:,.4g}", link=point.link))
    if len(points) <= MOST_LABELS:
        parts += _labels([(across(p.cost), up(p.score), p.name) for p in points])
    return figure(f"{metric} against {cost}; the line joins rows that no other beats", WIDTH, HEIGHT, parts)


def _spread(point: Point) -> float:
    return point.spread if math.isfinite(point.spread) else 0.0


def _steps(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    found = [places[0]]
    for x, y in places[1:]:
        found += [(x, found[-1][1]), (x, y)]
    return found


def _labels(places: Sequence[tuple[float, float, str]]) -> list[str]:
    """Names beside their dots, on the side that has room, none over another."""
    taken: list[tuple[float, float]] = []
    found = []
    for x, y, name in sorted(places, key=lambda place: place[1]):
        side = x < (LEFT + WIDTH) / 2
        top = y + 4
        while any(abs(top - other) < 12 and abs(x - near) < 150 for near, other in taken):
            top += 12
        taken.append((x, top))
        if top > HEIGHT - BOTTOM - 2:
            continue  # no room; the dot still says what it is
        place, kind = (x + 9, "point start") if side else (x - 9, "point end")
        found.append(text(place, top, shortened(name, MOST_LETTERS), kind, name))
    return found
