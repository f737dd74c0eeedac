"""Compound scaling: depth multiplies repeats, width multiplies channels, max_channels caps before the width."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH_KEYS = frozenset({"channels", "hidden", "inner", "splits", "prototype_channels"})
OUTPUTS = ("channels", "prototype_channels")
DEPTH_KEYS = frozenset({"repeats"})


def make_divisible(value: float, divisor: int = 8) -> int:
    """Smallest multiple of `divisor` that is not below `value`."""
    return math.ceil(value / divisor) * divisor


@dataclass(frozen=True)
class Scale:
    """`depth` and `width` multipliers; `max_channels` caps the unscaled channels (None: no cap).

    `args` are arguments that every node of a block gets at this scale, by block: YOLO11's m has C3k in every C3k2.
    `nodes` are single nodes that are another block at this scale, by name, with the block that they are else
    (`instead_of`): YOLOv10's s has C2fCIB at its last stage. A node that is something else already stays so.
    `rounds`: widths become multiples of 8 even where nothing is scaled, as in ultralytics.
    """

    depth: float = 1.0
    width: float = 1.0
    max_channels: int | None = None
    args: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rounds: bool = False

    def channels(self, value: int, key: str = "channels") -> int:
        """Scaled channels, a multiple of 8; unscaled where neither width nor cap asks for a change.

        `rounds` is of outputs alone: inner widths (`key`) stay as they are written.
        """
        capped = min(value, self.max_channels) if self.max_channels else value
        as_written = capped == value and self.width == 1 and not (self.rounds and key in OUTPUTS)
        return value if as_written else make_divisible(capped * self.width)

    def repeats(self, value: int) -> int:
        """Scaled number of repeats, at least one."""
        return max(round(value * self.depth), 1) if value > 1 else value

    def exchanged(self, name: str, spec: Mapping[str, Any]) -> Mapping[str, Any]:
        """A node as it stands at this scale, nothing scaled yet."""
        change = self.nodes.get(name)
        if change is None or spec.get("block") != change["instead_of"]:
            return spec
        return {**spec, **{key: value for key, value in change.items() if key != "instead_of"}}

    def apply(self, args: Mapping[str, Any], block: str = "", fixed: Sequence[str] = ()) -> dict[str, Any]:
        """Return the block arguments with widths and depths scaled, and the scale's own.

        All others, and those that `fixed` names, stay as they came.
        """
        scaled = {key: value if key in fixed else self._scaled(key, value) for key, value in args.items()}
        return scaled | dict(self.args.get(block, {}))

    def _scaled(self, key: str, value: Any) -> Any:
        if value is None:
            return None
        if key in DEPTH_KEYS:
            return self.repeats(value)
        if key in WIDTH_KEYS:
            many = isinstance(value, list | tuple)
            return [self.channels(one, key) for one in value] if many else self.channels(value, key)
        return value
