"""What every reader yields: frozen records of images and their objects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from yololab.data.content import content_hashes
from yololab.data.problems import ProblemLog

Mask = Sequence[np.ndarray] | Mapping[str, Any]
"""One object's mask in original pixels: polygons of (k, 2) points, or a COCO RLE ({"size": [h, w], "counts": ...})."""


@dataclass(frozen=True)
class ImageRecord:
    """One image and its objects. `pixels` (H, W, 3, BGR, uint8) stands in for a file where there is none."""

    image_id: int
    name: str
    path: Path | None
    width: int
    height: int
    boxes_xyxy: np.ndarray
    """(n, 4) float64, pixels of the original image"""
    labels: np.ndarray
    """(n,) int64, index into the classes"""
    crowd: np.ndarray
    """(n,) bool: regions that neither count as found nor as missed"""
    areas: np.ndarray
    """(n,) float64: what decides small, medium or large in the evaluation"""
    masks: tuple[Mask, ...] | None = None
    pixels: np.ndarray | None = None
    content: str | None = None
    """Hash of the file's bytes, where it is known"""
    bits: int = 8
    """Above 8: so many bits of a 16-bit file's values are used, and are scaled to 8"""
    look: str = ""
    """What it looks like, where that is known; see yololab.data.similar"""

    def __len__(self) -> int:
        """Number of objects."""
        return len(self.labels)


@dataclass(frozen=True)
class DetectionData:
    """One split, read and checked."""

    classes: tuple[str, ...]
    records: tuple[ImageRecord, ...]
    problems: ProblemLog

    def fingerprint(self) -> str:
        """Hash of the classes, the images' bytes and the objects; the place where they lie does not enter."""
        digest = hashlib.sha256("\0".join(self.classes).encode())
        files = [record.path for record in self.records if record.path and not record.content]
        contents = dict(zip(files, content_hashes(files), strict=True))
        for record in self.records:
            content = record.content or (contents[record.path] if record.path else 0)
            scaled = f" {record.bits} bits" if record.bits != 8 else ""
            digest.update(f"{record.name} {record.width} {record.height} {content}{scaled}".encode())
            for array in (record.boxes_xyxy, record.labels, record.crowd, record.areas, *_mask_arrays(record)):
                digest.update(np.ascontiguousarray(array).tobytes())
            if record.pixels is not None:
                digest.update(record.pixels.tobytes())
        return digest.hexdigest()[:16]


def _mask_arrays(record: ImageRecord) -> list[np.ndarray]:
    """Everything that a record's masks are made of."""
    arrays: list[np.ndarray] = []
    for mask in record.masks or ():
        if isinstance(mask, Mapping):
            counts = mask["counts"]
            counts = counts.encode() if isinstance(counts, str) else counts
            arrays.append(np.frombuffer(counts, np.uint8) if isinstance(counts, bytes) else np.asarray(counts))
        else:
            arrays += list(mask)
    return arrays
