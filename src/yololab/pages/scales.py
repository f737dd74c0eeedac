"""Numbers to places along an axis, and the round numbers that stand beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEPS = (1, 2, 2.5, 5, 10)
UNITS = ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
"""From what number on, the unit, its sign"""


@dataclass(frozen=True)
class Axis:
    """`low` lies at `start`, `high` at `stop`, in units of the drawing."""

    low: float
    high: float
    start: float
    stop: float
    whole: bool = False
    """Between whole numbers there is nothing: epochs, seeds"""

    def __call__(self, value: float) -> float:
        """Where a value lies."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)

    def ticks(self, about: int = 5) -> list[tuple[float, str]]:
        """Round numbers within it, some `about` of them, each with its text."""
        rough = (self.high - self.low) / max(about, 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = power * next(step for step in STEPS if step * power >= rough * (1 - 1e-9))
        step = max(1.0, round(step)) if self.whole else step
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        most = max(abs(first), abs(last)) * step
        return [(number * step, number_text(number * step, step, most)) for number in range(first, last + 1)]


def axis_over(values: Iterable[float], start: float, stop: float, margin: float = 0.06, whole: bool = False) -> Axis:
    """An axis with room for all finite `values`, and a `margin` beside them, a share of their spread."""
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    spread = (high - low) or max(abs(high) * 0.1, 1.0)
    return Axis(low - margin * spread, high + margin * spread, start, stop, whole)


def number_text(value: float, step: float, most: float) -> str:
    """A tick's number with as many decimals as `step` needs, in thousands or more where `most` is that large."""
    unit, name = next(((unit, name) for bound, unit, name in UNITS if most >= bound), (1.0, ""))
    step /= unit
    decimals = next((count for count in range(12) if abs(round(step, count) - step) < 1e-9 * step), 12)
    return f"{value / unit:.{decimals}f}{name}"
