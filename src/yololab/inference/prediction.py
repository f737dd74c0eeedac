"""What a detector found in one image, as a small typed value in pixels of that image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Prediction:
    """Objects of one image, highest score first."""

    name: str
    """Of the image: its file, its video's, or "image 0" """
    width: int
    height: int
    boxes_xyxy: np.ndarray
    """(n, 4) float64, pixels of the image, within it"""
    scores: np.ndarray
    """(n,) float64 in [0, 1]"""
    labels: np.ndarray
    """(n,) int64, index into `classes`"""
    classes: tuple[str, ...]
    """All that the detector knows"""
    masks: np.ndarray | None = None
    """(n, height, width) bool, where the detector predicts them"""
    frame: int | None = None
    """Of a video, from 0"""

    def __len__(self) -> int:
        """Number of objects."""
        return len(self.scores)

    @property
    def names(self) -> list[str]:
        """The class of each object."""
        return [self.classes[label] for label in self.labels]

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary per object: class, label, score, box as x1, y1, x2, y2; plain numbers, ready for JSON."""
        rows = zip(self.names, self.labels.tolist(), self.scores.tolist(), self.boxes_xyxy.tolist(), strict=True)
        keys = ("x1", "y1", "x2", "y2")
        return [
            {"class": name, "label": label, "score": score, "box": dict(zip(keys, box, strict=True))}
            for name, label, score, box in rows
        ]

    def to_supervision(self) -> Any:
        """As supervision.Detections. ImportError where supervision is not installed."""
        import supervision

        return supervision.Detections(
            xyxy=self.boxes_xyxy.astype(np.float32).reshape(-1, 4),
            mask=self.masks if len(self) else None,
            confidence=self.scores.astype(np.float32),
            class_id=self.labels.astype(int),
            data={"class_name": np.array(self.names, dtype=str)},
        )
