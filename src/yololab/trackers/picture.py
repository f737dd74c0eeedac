"""A picture as trackers take it: as it was drawn, and the image with the boxes that were drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Boxes:
    """Boxes on one image."""

    boxes_xyxy: np.ndarray
    """(N, 4), pixels of the picture's image"""
    labels: np.ndarray
    """(N,), from 0"""
    scores: np.ndarray | None = None
    """(N,) in [0, 1]; None for labels of the data"""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Picture:
    """One image of the split that was judged, with what is there and what was found."""

    path: Path
    """Labels and predictions side by side, as a JPEG"""
    image: np.ndarray
    """(H, W, 3) uint8, BGR, as large as it was drawn"""
    truth: Boxes
    found: Boxes
    classes: Sequence[str]

    @property
    def name(self) -> str:
        """What it is called: the image's own name."""
        return self.path.stem
