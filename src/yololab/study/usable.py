"""Which runs may enter a number: not those that were pruned, diverged, or have nothing to measure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from yololab.run.record import RunRecord


@dataclass(frozen=True)
class LeftOut:
    """A run that enters no number of the table."""

    record: RunRecord
    reason: str
    """As people read it: "pruned after 3 epochs" """


def is_defined(value: float) -> bool:
    """Whether a metric was measured; NaN, and COCO's own -1, mean that there was nothing to measure."""
    return math.isfinite(value) and value >= 0


def why_left_out(record: RunRecord) -> str | None:
    """Why a run must not enter means and tests; None where it may."""
    if record.pruned:
        return f"pruned after {record.pruned['epochs']} epochs"
    if any(not math.isfinite(row.get("train/loss", 0.0)) for row in record.curve):
        return "diverged"  # a record of before runs stopped at such a loss
    return None if is_defined(record.metrics.get("mAP", math.nan)) else "no mAP: nothing to measure"
