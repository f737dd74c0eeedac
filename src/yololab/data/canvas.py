"""Where samples lie on a canvas: one in its middle, four around a point (mosaic); painted where a warp needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yololab.data.sample import PAD_VALUE, Sample

MIN_SIDE = 2.0
"""Boxes with a side of fewer pixels are dropped after a cut or a warp."""


@dataclass(frozen=True)
class Tile:
    """A sample whose image starts at (left, top) of a canvas, perhaps outside."""

    sample: Sample
    left: int
    top: int

    def seen(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The part of a canvas that it fills: (x1, y1, x2, y2) in the canvas's pixels."""
        rows, columns = self.sample.image.shape[:2]
        return (
            max(self.left, 0),
            max(self.top, 0),
            min(self.left + columns, width),
            min(self.top + rows, height),
        )


@dataclass(frozen=True)
class Layout:
    """Tiles that do not overlap on a canvas of `width` x `height` pixels; `cuts` where boxes may leave it."""

    tiles: tuple[Tile, ...]
    width: int
    height: int
    cuts: bool

    def boxes(self) -> np.ndarray:
        """All boxes (n, 4) in the canvas's pixels, tile by tile, beyond its edges too."""
        moved = [t.sample.boxes_xyxy + np.array([t.left, t.top, t.left, t.top], np.float32) for t in self.tiles]
        return np.concatenate(moved)

    def labels(self) -> np.ndarray:
        """Of all boxes."""
        return np.concatenate([tile.sample.labels for tile in self.tiles])

    def inside(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """Boxes cut to the canvas."""
        return boxes_xyxy.clip(0, [self.width, self.height] * 2).astype(np.float32) if self.cuts else boxes_xyxy

    def kept(self, inside_xyxy: np.ndarray) -> np.ndarray:
        """Which boxes the canvas's edges leave large enough."""
        if not self.cuts:
            return np.ones(len(inside_xyxy), bool)
        width, height = (inside_xyxy[:, 2:] - inside_xyxy[:, :2]).T
        return (width > MIN_SIDE) & (height > MIN_SIDE)

    def painted(self) -> Sample:
        """The canvas itself, with what is left of the objects."""
        canvas = np.full((self.height, self.width, 3), PAD_VALUE, np.uint8)
        has_masks = self.tiles[0].sample.instance_map is not None
        instance_map = np.zeros((self.height, self.width), np.int32) if has_masks else None
        offset = 0
        for tile in self.tiles:
            x1, y1, x2, y2 = tile.seen(self.width, self.height)
            inside = np.s_[y1 - tile.top : y2 - tile.top, x1 - tile.left : x2 - tile.left]
            canvas[y1:y2, x1:x2] = tile.sample.image[inside]
            if instance_map is not None:
                instance_map[y1:y2, x1:x2] = numbered(tile.sample, offset)[inside]
            offset += len(tile.sample.labels)
        boxes = self.inside(self.boxes())
        kept = self.kept(boxes)
        merged = Sample(canvas, boxes, self.labels(), instance_map)
        return merged if kept.all() else merged.choose(kept)


def alone(sample: Sample, size: int | None = None) -> Layout:
    """One sample, in the middle of a square of `size` pixels a side or on a canvas of its own size."""
    height, width = sample.image.shape[:2]
    if size is None:
        return Layout((Tile(sample, 0, 0),), width, height, cuts=False)
    return Layout((Tile(sample, (size - width) // 2, (size - height) // 2),), size, size, cuts=False)


def mosaic(samples: Sequence[Sample], size: int, rng: np.random.Generator) -> Layout:
    """Four samples around a random centre of a canvas of 2 * size pixels a side (YOLOv4, arXiv:2004.10934)."""
    center_x, center_y = (int(v) for v in rng.uniform(size / 2, 3 * size / 2, 2))
    tiles = []
    for index, sample in enumerate(samples):
        height, width = sample.image.shape[:2]
        left = center_x - width if index % 2 == 0 else center_x
        top = center_y - height if index < 2 else center_y
        tiles.append(Tile(sample, left, top))
    return Layout(tuple(tiles), 2 * size, 2 * size, cuts=True)


def numbered(sample: Sample, offset: int) -> np.ndarray:
    """A sample's instance map whose objects are counted from `offset` on."""
    assert sample.instance_map is not None
    return np.where(sample.instance_map > 0, sample.instance_map + offset, 0) if offset else sample.instance_map
