"""Embedded scenes: textured backgrounds and rotated shapes with exact boxes and masks, made in memory.

Every image is a function of (seed, split, index) alone. An object's mask is what of it is visible; its box is the
bounding box of that mask.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.problems import ProblemLog
from yololab.data.source import DataSource, require_test
from yololab.errors import ConfigError, did_you_mean

BACKGROUND_COLOURS = 40
PLACING_TRIES = 20
SPLITS = ("train", "val", "test")
"""Their places enter the seeds of their images"""


def _regular(corners: int, inner: float = 1.0) -> np.ndarray:
    """A regular polygon of radius 1; with `inner` < 1 a star, every second corner at that radius."""
    count = corners if inner == 1.0 else 2 * corners
    angle = np.arange(count) * 2 * math.pi / count
    radius = np.where(np.arange(count) % 2, inner, 1.0)
    return np.stack((np.cos(angle) * radius, np.sin(angle) * radius), axis=1)


def _cross(arm: float = 0.3) -> np.ndarray:
    a = arm
    points = [
        (-a, -1),
        (a, -1),
        (a, -a),
        (1, -a),
        (1, a),
        (a, a),
        (a, 1),
        (-a, 1),
        (-a, a),
        (-1, a),
        (-1, -a),
        (-a, -a),
    ]
    return np.array(points)


OUTLINES: dict[str, Callable[[], np.ndarray]] = {
    "disc": lambda: _regular(40),
    "square": lambda: _regular(4),
    "triangle": lambda: _regular(3),
    "star": lambda: _regular(5, inner=0.42),
    "cross": _cross,
    "bar": lambda: np.array([(-1, -0.25), (1, -0.25), (1, 0.25), (-1, 0.25)]),
}


class ShapesSource(DataSource):
    """The embedded data set.

    `difficulty` from 0 to 1 lowers contrast and raises noise; `size` is the images' side in pixels; `object_scale` the
    range of object diameters relative to it; `occlusion` the largest share of an object that others may hide.
    """

    def __init__(
        self,
        classes: Sequence[str] = ("disc", "square", "triangle"),
        train: int = 256,
        val: int = 64,
        size: int = 160,
        max_objects: int = 5,
        object_scale: tuple[float, float] = (0.15, 0.45),
        occlusion: float = 0.3,
        difficulty: float = 0.3,
        seed: int = 0,
        on_error: str = "drop",
        test: int = 0,
        final: str = "val",
    ) -> None:
        super().__init__(classes, on_error, final)
        for name in self.classes:
            if name not in OUTLINES:
                raise ConfigError(f"data.classes: no shape {name!r}{did_you_mean(name, OUTLINES)}")
        for name, value in (("difficulty", difficulty), ("occlusion", occlusion)):
            if not 0 <= value <= 1:
                raise ConfigError(f"data.{name} must be from 0 to 1, got {value}")
        for name, value, least in (("size", size, 8), ("max_objects", max_objects, 1), ("seed", seed, 0)):
            if value < least:
                raise ConfigError(f"data.{name} must be at least {least}, got {value}")
        if len(object_scale) != 2 or not 0 < object_scale[0] <= object_scale[1] <= 1:
            raise ConfigError(
                f"data.object_scale must be two numbers, 0 < smallest <= largest <= 1, got {object_scale}"
            )
        self.counts = {"train": train, "val": val, "test": test}
        self.size, self.max_objects = size, max_objects
        self.smallest, self.largest = object_scale
        self.occlusion, self.difficulty, self.seed = occlusion, difficulty, seed

    def read(self, split: str) -> DetectionData:
        """Make the images of a split."""
        if split == "test":
            require_test(self.counts[split])
        records = tuple(self._scene(split, index) for index in range(self.counts[split]))
        return DetectionData(self.classes, records, ProblemLog(self.on_error))

    def _scene(self, split: str, index: int) -> ImageRecord:
        rng = np.random.default_rng([self.seed, SPLITS.index(split), index])
        image = _background(rng, self.size)
        owner = np.zeros((self.size, self.size), np.int32)  # k + 1 where object k is visible
        labels: list[int] = []
        full_areas: list[int] = []
        for _ in range(rng.integers(1, self.max_objects + 1)):
            label = int(rng.integers(len(self.classes)))
            mask = self._place(rng, label, owner, full_areas)
            if mask is not None:
                owner[mask] = len(labels) + 1
                labels.append(label)
                full_areas.append(int(mask.sum()))
                self._paint(rng, image, mask)
        noise = rng.normal(0, 4 + 26 * self.difficulty, image.shape)
        pixels = np.clip(image + noise, 0, 255).astype(np.uint8)
        return _to_record(f"{split}_{index:05d}", index, pixels, owner, labels)

    def _place(
        self, rng: np.random.Generator, label: int, owner: np.ndarray, full_areas: list[int]
    ) -> np.ndarray | None:
        """A mask for one more object that hides no other beyond `occlusion`; None where no place was found."""
        visible = np.bincount(owner.ravel(), minlength=len(full_areas) + 1)[1:]
        for _ in range(PLACING_TRIES):
            radius = self.size * rng.uniform(self.smallest, self.largest) / 2
            center = rng.uniform(radius * 0.8, self.size - radius * 0.8, 2)
            mask = _raster(OUTLINES[self.classes[label]](), center, radius, rng.uniform(0, 2 * math.pi), self.size)
            hidden = np.bincount(owner[mask], minlength=len(full_areas) + 1)[1:]
            if (visible - hidden >= (1 - self.occlusion) * np.array(full_areas)).all():
                return mask
        return None

    def _paint(self, rng: np.random.Generator, image: np.ndarray, mask: np.ndarray) -> None:
        """Fill a mask with a shaded colour that stands off from what was there."""
        below = image[mask].mean(axis=0)
        contrast = 120 - 80 * self.difficulty
        direction = rng.choice([-1.0, 1.0], 3)
        direction = np.where(below + direction * contrast > 255, -1.0, np.where(below < contrast, 1.0, direction))
        colour = below + direction * contrast * rng.uniform(0.8, 1.2, 3)
        gradient = np.linspace(-12, 12, image.shape[1])[None, :, None] * rng.choice([-1, 1])
        image[mask] = (colour + np.broadcast_to(gradient, image.shape)[mask]).clip(0, 255)


def _background(rng: np.random.Generator, size: int) -> np.ndarray:
    """Smooth blotches in two octaves around a base colour."""
    image = np.full((size, size, 3), rng.uniform(70, 185, 3))
    for cells, strength in ((4, BACKGROUND_COLOURS), (16, BACKGROUND_COLOURS / 3)):
        coarse = rng.uniform(-strength, strength, (cells, cells, 3)).astype(np.float32)
        image += cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
    return image


def _raster(outline: np.ndarray, center: np.ndarray, radius: float, angle: float, size: int) -> np.ndarray:
    cos, sin = math.cos(angle), math.sin(angle)
    points = outline @ np.array([[cos, sin], [-sin, cos]]) * radius + center
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 1, shift=4)
    return mask.astype(bool)


def _to_record(name: str, index: int, pixels: np.ndarray, owner: np.ndarray, labels: list[int]) -> ImageRecord:
    boxes, areas, masks = [], [], []
    for k in range(len(labels)):
        visible = owner == k + 1
        rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
        boxes.append((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
        areas.append(float(visible.sum()))
        masks.append(_encode(visible))
    return ImageRecord(
        image_id=index,
        name=name,
        path=None,
        width=pixels.shape[1],
        height=pixels.shape[0],
        boxes_xyxy=np.array(boxes, dtype=np.float64).reshape(-1, 4),
        labels=np.array(labels, dtype=np.int64),
        crowd=np.zeros(len(labels), dtype=bool),
        areas=np.array(areas, dtype=np.float64),
        masks=tuple(masks),
        pixels=pixels,
    )


def _encode(mask: np.ndarray) -> Any:
    from pycocotools import mask as coco_mask

    return coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
