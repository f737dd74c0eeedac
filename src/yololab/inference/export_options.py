"""What can be chosen of an export."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportOptions:
    """How a detector is exported."""

    nms: bool = False
    """Whether the file ends in suppression, by `confidence`, `iou` and `max_detections`"""
    confidence: float = 0.25
    iou: float | None = None
    """None: as the run was judged"""
    max_detections: int = 300
    half: bool = False
    """Whether it computes in float16; inputs and outputs stay float32"""
    dynamic: bool = False
    """Whether batch, height and width are free; height and width stay multiples of the stride"""
    batch: int = 1
    """Images at a time, where it is not dynamic"""
