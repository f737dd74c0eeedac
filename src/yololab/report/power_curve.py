"""What a study could have seen: the smallest difference that so many seeds find, by the number of seeds."""

from __future__ import annotations

from yololab.pages.scales import axis_over
from yololab.pages.svg import below, beside, dot, figure, line, path
from yololab.statistics.power import detectable_difference

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 900.0, 240.0, 46.0, 44.0, 30.0
FEWEST, BEYOND = 2, 12


def power_curve(sd: float, rows: int, seeds: int, smallest: float | None, chance: float) -> str:
    """The figure; nothing where there is no curve to draw. `sd`, between seeds of one run, in percent points."""
    if rows < 2:
        return ""
    numbers = range(FEWEST, max(BEYOND, min(seeds, 30)) + 1)
    found = {number: detectable_difference(sd, rows, number, chance) for number in numbers}
    across = axis_over(map(float, numbers), LEFT, WIDTH - 12, 0.02, whole=True)
    up = axis_over([0.0, *found.values(), smallest or 0.0], HEIGHT - BOTTOM, TOP, 0.03)
    parts = [below(across, HEIGHT - BOTTOM, TOP, "seeds"), beside(up, LEFT, WIDTH - 12, "percent points")]
    if smallest:
        parts.append(line(LEFT, up(smallest), WIDTH - 12, up(smallest), "frontier"))
    parts.append(path([(across(number), up(least)) for number, least in found.items()], "curve c0"))
    for number, least in found.items():
        kind = "mean" if number == seeds else "beaten"
        parts.append(
            dot(across(number), up(least), kind, f"{number} seeds: {least:.1f} points", 5 if seeds == number else 3)
        )
    dashed = f"; dashed: the smallest that matters, {smallest:g}" if smallest else ""
    title = f"Difference that is found with {chance:.0%} chance, by seeds; filled: this study{dashed}"
    return figure(title, WIDTH, HEIGHT, parts, "wide")
