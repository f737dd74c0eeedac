"""Forest plot: every difference to the baseline or to a control, with its interval and what counts as small."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from yololab.pages.scales import axis_over
from yololab.pages.svg import below, dot, figure, line, shortened, text

WIDTH, RIGHT, ROW, TOP = 900.0, 190.0, 30.0, 14.0
LETTER = 7.6
"""About the width of a letter of a name"""
MOST_LETTERS = 46


@dataclass(frozen=True)
class Effect:
    """A difference in percent points; `low` and `high` are nan where there is no interval."""

    name: str
    difference: float
    low: float
    high: float
    verdict: str
    seeds: float = math.nan
    """Of the half width, what seeds alone make; nan where images are not covered"""
    link: str = ""


def forest(
    effects: Sequence[Effect], smallest: float | None, metric: str, title: str = "Differences to the baseline"
) -> str:
    """The figure. `smallest`: the smallest difference that matters."""
    names = [shortened(one.name, MOST_LETTERS) for one in effects]
    left = 24.0 + LETTER * max(map(len, names), default=0)
    bottom = TOP + ROW * len(effects) + 6
    values = [value for one in effects for value in (one.difference, one.low, one.high)]
    axis = axis_over([0.0, *values, *((smallest, -smallest) if smallest else ())], left, WIDTH - RIGHT)
    parts = []
    if smallest:
        low, high = axis(-smallest), axis(smallest)
        told = f"<title>differences below {smallest:g} points do not matter here</title>"
        parts.append(
            f'<rect class="small" x="{low:.1f}" y="{TOP:.1f}" width="{high - low:.1f}" '
            f'height="{bottom - TOP:.1f}">{told}</rect>'
        )
    parts += [
        below(axis, bottom, TOP, f"difference in {metric}, percent points"),
        line(axis(0), TOP, axis(0), bottom, "zero"),
    ]
    for place, one in enumerate(effects):
        y = TOP + ROW * (place + 0.5)
        parts.append(text(left - 14, y + 4, names[place], "name end", one.name))
        interval = math.isfinite(one.low) and math.isfinite(one.high)
        if interval:
            both = math.isfinite(one.seeds)
            parts.append(line(axis(one.low), y, axis(one.high), y, "interval thin" if both else "interval"))
            if both:
                low, high = (one.difference + one.seeds * (end - one.difference) for end in (one.low, one.high))
                parts.append(line(axis(low), y, axis(high), y, "interval"))
        spoken = f" [{one.low:+.1f}, {one.high:+.1f}]" if interval else ""
        told = f"{one.name}: {one.difference:+.1f}{spoken}: {one.verdict}"
        parts.append(dot(axis(one.difference), y, "mean", told, link=one.link))
        parts.append(text(WIDTH - RIGHT + 14, y + 4, one.verdict, "verdict"))
    shade = f"; shaded: too small to matter ({smallest:g})" if smallest else ""
    covered = "; thick: what seeds alone make of it" if any(math.isfinite(one.seeds) for one in effects) else ""
    caption = f"{title} with simultaneous 95% intervals{covered}{shade}"
    return figure(caption, WIDTH, bottom + 40, parts, "wide")
