"""Numbers of a data set: objects by split and class, sizes, shapes, places, objects an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from yololab.data.detection_data import DetectionData

SMALL, LARGE = 32.0**2, 96.0**2
"""COCO's borders of small, medium and large, in square pixels of the original image"""
FEW = 20
"""Objects of a class below which its AP says little"""
GRID = 24
SIDES = (0, 8, 16, 32, 64, 128, 256, 512, 1024)
"""Borders of box sides in pixels of the network input"""
RATIOS = (0, 0.2, 0.33, 0.5, 0.75, 1.33, 2, 3, 5)
"""Borders of width / height"""
MOST_OBJECTS = 20


@dataclass(frozen=True)
class SplitMeasures:
    """Of one split; crowd regions count nowhere."""

    images: int
    background: int
    """Images without an object"""
    objects: int
    by_class: Sequence[int]
    images_by_class: Sequence[int]
    sizes: Sequence[int]
    """Objects that COCO calls small, medium and large"""
    sides: Sequence[int]
    """Objects by the root of width times height in pixels of the network input, between SIDES and above"""
    ratios: Sequence[int]
    """Objects by width / height, between RATIOS and above"""
    per_image: Sequence[int]
    """Images with 0, 1, ... MOST_OBJECTS or more objects"""
    places: Sequence[Sequence[int]]
    """GRID x GRID counts of centres, from the top left"""
    width: tuple[int, int, int]
    """Least, median and largest of the images, in pixels"""
    height: tuple[int, int, int]


@dataclass(frozen=True)
class Measures:
    """Of a data set at an image size."""

    classes: tuple[str, ...]
    image_size: int
    splits: Mapping[str, SplitMeasures]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def remarks(self) -> list[str]:
        """What a person should know before training on it."""
        found = []
        train = self.splits.get("train")
        for label, name in enumerate(self.classes):
            counts = {split: numbers.by_class[label] for split, numbers in self.splits.items()}
            if not any(counts.values()):
                found.append(f"{name}: no object in any split")
                continue
            found += [f"{name}: no object in the {split} split" for split, count in counts.items() if not count]
            judged = [(split, count) for split, count in counts.items() if split != "train" and 0 < count < FEW]
            found += [
                f"{name}: {count} objects in the {split} split; its AP will say little" for split, count in judged
            ]
        if train is not None and train.objects:
            tiny = train.sides[0]
            if tiny > 0.05 * train.objects:
                found.append(
                    f"{100 * tiny / train.objects:.0f}% of the objects are under {SIDES[1]} pixels at image_size="
                    f"{self.image_size}, less than a cell of the finest grid; a larger image_size would see them"
                )
            seen = [count for count in train.by_class if count]
            if len(seen) > 1 and max(seen) > 50 * min(seen):
                found.append(f"classes are {max(seen) // min(seen)} to 1 in the training split")
        return found


def measure_data(splits: Mapping[str, DetectionData], image_size: int) -> Measures:
    """Measure every split; sides are in pixels of an input of `image_size`."""
    classes = next((data.classes for data in splits.values()), ())
    return Measures(classes, image_size, {name: _of_split(data, image_size) for name, data in splits.items()})


def _of_split(data: DetectionData, image_size: int) -> SplitMeasures:
    counts = np.array([int((~record.crowd).sum()) for record in data.records], int)
    boxes, labels, relative = [np.zeros((0, 4))], [np.zeros(0, int)], [np.zeros((0, 2))]
    areas, sides, in_images = [np.zeros(0)], [np.zeros(0)], np.zeros(len(data.classes), int)
    for record in data.records:
        kept = ~record.crowd
        own = record.boxes_xyxy[kept]
        boxes.append(own)
        labels.append(record.labels[kept])
        areas.append(record.areas[kept])
        relative.append((own[:, :2] + own[:, 2:]) / 2 / [record.width, record.height])
        scale = image_size / max(record.width, record.height)
        sides.append(np.sqrt((own[:, 2:] - own[:, :2]).prod(axis=1)) * scale)
        in_images[np.unique(record.labels[kept])] += 1
    every, area = np.concatenate(boxes), np.concatenate(areas)
    span = np.maximum(every[:, 2:] - every[:, :2], 1e-9)
    centers = np.concatenate(relative)
    grid, _, _ = np.histogram2d(centers[:, 1], centers[:, 0], bins=GRID, range=((0, 1), (0, 1)))
    return SplitMeasures(
        images=len(data.records),
        background=int((counts == 0).sum()),
        objects=len(every),
        by_class=np.bincount(np.concatenate(labels).astype(int), minlength=len(data.classes)).tolist(),
        images_by_class=in_images.tolist(),
        sizes=[int((area < SMALL).sum()), int(((area >= SMALL) & (area < LARGE)).sum()), int((area >= LARGE).sum())],
        sides=_between(np.concatenate(sides), SIDES),
        ratios=_between(span[:, 0] / span[:, 1], RATIOS),
        per_image=np.bincount(counts.clip(max=MOST_OBJECTS), minlength=MOST_OBJECTS + 1).tolist(),
        places=grid.astype(int).tolist(),
        width=_range([record.width for record in data.records]),
        height=_range([record.height for record in data.records]),
    )


def _between(values: np.ndarray, borders: Sequence[float]) -> list[int]:
    return np.histogram(values, bins=[*borders, np.inf])[0].tolist()


def _range(values: Sequence[int]) -> tuple[int, int, int]:
    return (min(values), int(np.median(values)), max(values)) if values else (0, 0, 0)
