"""Zoom, shift, turn and shear what lies on a canvas, onto a square of the network's size."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.ndimage import find_objects

from yololab.data.augment import AugmentConfig
from yololab.data.canvas import MIN_SIDE, Layout, Tile, numbered
from yololab.data.sample import PAD_VALUE, Sample

MIN_AREA_KEPT, MIN_AREA_KEPT_OF_MASK = 0.1, 0.01
"""Boxes of which less than this share remains in the image are dropped; the second where masks give the boxes."""
BOX_AGREES = 0.9
"""A box that has at least this IoU with its visible mask's is kept, since masks know whole pixels only."""


def affine(layout: Layout, size: int, config: AugmentConfig, rng: np.random.Generator) -> Sample:
    """Rotate, zoom, shear and shift around the canvas's centre, onto a square of `size` pixels a side."""
    matrix, zoom = _affine_matrix((layout.height, layout.width), size, config, rng)
    if matrix[0, 1] == 0 and matrix[1, 0] == 0:
        return _straight(layout, size, _Way(zoom, matrix[0, 2], matrix[1, 2]), config)
    return _turned(layout.painted(), size, matrix, zoom, config)


def warp_boxes(boxes_xyxy: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Bounding boxes of the transformed boxes; (n, 4), 3x3 matrix -> (n, 4)."""
    if not len(boxes_xyxy):
        return boxes_xyxy
    corners = boxes_xyxy[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    moved = corners @ matrix[:2, :2].T + matrix[:2, 2]
    return np.concatenate((moved.min(axis=1), moved.max(axis=1)), axis=1).astype(np.float32)


def tightened(boxes_xyxy: np.ndarray, instance_map: np.ndarray) -> np.ndarray:
    """Boxes (n, 4) replaced by those of their visible masks where the two disagree; empty where nothing is visible.

    A warped box is the box of a box: too large for what is cut by the image's edge or turned.
    """
    visible = np.zeros_like(boxes_xyxy)
    for index, found in enumerate(find_objects(instance_map, max_label=len(boxes_xyxy))):
        if found is not None:
            rows, columns = found
            visible[index] = (columns.start, rows.start, columns.stop, rows.stop)
    sides = np.minimum(boxes_xyxy[:, 2:], visible[:, 2:]) - np.maximum(boxes_xyxy[:, :2], visible[:, :2])
    shared = sides.clip(0).prod(axis=1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (boxes_xyxy, visible)]
    agrees = shared >= BOX_AGREES * (areas[0] + areas[1] - shared)
    return np.where(agrees[:, None], boxes_xyxy, visible)


@dataclass(frozen=True)
class _Way:
    """From the canvas to the square where nothing turns: zoom * canvas + shift, per axis."""

    zoom: float
    shift_x: float
    shift_y: float


def _turned(canvas: Sample, size: int, matrix: np.ndarray, zoom: float, config: AugmentConfig) -> Sample:
    flat = matrix[:2].astype(np.float32)
    image = cv2.warpAffine(canvas.image, flat, (size, size), flags=cv2.INTER_LINEAR, borderValue=(PAD_VALUE,) * 3)
    instance_map = canvas.instance_map
    if instance_map is not None:
        # Nearest neighbour through float32, which holds instance numbers exactly.
        warped = cv2.warpAffine(instance_map.astype(np.float32), flat, (size, size), flags=cv2.INTER_NEAREST)
        instance_map = warped.astype(np.int32)
    moved = warp_boxes(canvas.boxes_xyxy, matrix).clip(0, size)
    return _visible(Sample(image, moved, canvas.labels, instance_map), canvas.boxes_xyxy * zoom, config.max_aspect)


def _straight(layout: Layout, size: int, way: _Way, config: AugmentConfig) -> Sample:
    """Each tile straight into its place, whole pixels to whole pixels: a tile's edges move by less than one of them,
    and its boxes with them."""
    image = np.full((size, size, 3), PAD_VALUE, np.uint8)
    has_masks = layout.tiles[0].sample.instance_map is not None
    instance_map = np.zeros((size, size), np.int32) if has_masks else None
    moves, offset = [], 0
    for tile in layout.tiles:
        x1, y1, x2, y2 = tile.seen(layout.width, layout.height)
        across, down = _Span.of(x1, x2, way.zoom, way.shift_x, size), _Span.of(y1, y2, way.zoom, way.shift_y, size)
        if across.is_seen and down.is_seen:
            _place(tile, offset, across, down, image, instance_map)
        moves += [(across.scale, down.scale, across.shift, down.shift)] * len(tile.sample.labels)
        offset += len(tile.sample.labels)
    before = layout.inside(layout.boxes())
    move = np.array(moves, np.float32).reshape(-1, 4)
    moved = (before * move[:, [0, 1, 0, 1]] + move[:, [2, 3, 2, 3]]).clip(0, size)
    return _visible(
        Sample(image, moved, layout.labels(), instance_map), before * way.zoom, config.max_aspect, layout.kept(before)
    )


@dataclass(frozen=True)
class _Span:
    """Along one axis: canvas pixels `first` to `last` become pixels `start` to `stop`: scale * canvas + shift."""

    first: int
    last: int
    start: int
    stop: int
    scale: float
    shift: float

    @property
    def is_seen(self) -> bool:
        return self.stop > self.start

    @classmethod
    def of(cls, low: int, high: int, zoom: float, shift: float, size: int) -> _Span:
        """Of what fills the canvas from `low` to `high`, rounded to whole pixels on both sides."""
        start, stop = (min(max(round(zoom * edge + shift), 0), size) for edge in (low, high))
        if stop <= start or high <= low:
            return cls(low, low, start, start, zoom, shift)
        first = min(max(round((start - shift) / zoom), low), high - 1)
        last = min(max(round((stop - shift) / zoom), first + 1), high)
        scale = (stop - start) / (last - first)
        return cls(first, last, start, stop, scale, start - scale * first)


def _place(
    tile: Tile, offset: int, across: _Span, down: _Span, image: np.ndarray, instance_map: np.ndarray | None
) -> None:
    part = np.s_[down.first - tile.top : down.last - tile.top, across.first - tile.left : across.last - tile.left]
    place = np.s_[down.start : down.stop, across.start : across.stop]
    shape = (across.stop - across.start, down.stop - down.start)
    image[place] = cv2.resize(tile.sample.image[part], shape, interpolation=cv2.INTER_LINEAR)
    if instance_map is not None:
        numbers = numbered(tile.sample, offset)[part].astype(np.float32)
        instance_map[place] = cv2.resize(numbers, shape, interpolation=cv2.INTER_NEAREST)


def _affine_matrix(
    shape: tuple[int, int], size: int, config: AugmentConfig, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    height, width = shape
    angle = math.radians(rng.uniform(-config.degrees, config.degrees))
    zoom = rng.uniform(1 - config.scale, 1 + config.scale)
    shear_x, shear_y = np.tan(np.radians(rng.uniform(-config.shear, config.shear, 2)))
    shift_x, shift_y = rng.uniform(0.5 - config.translate, 0.5 + config.translate, 2) * size
    centered = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1.0]])
    cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
    rotated = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    sheared = np.array([[1, shear_x, 0], [shear_y, 1, 0], [0, 0, 1.0]])
    shifted = np.array([[1, 0, shift_x], [0, 1, shift_y], [0, 0, 1.0]])
    return shifted @ sheared @ rotated @ centered, zoom


def _visible(sample: Sample, before_xyxy: np.ndarray, max_aspect: float, kept: np.ndarray | bool = True) -> Sample:
    """Boxes as masks have them; without those that became too small, too thin, or too small a share of what they
    were, and without those that are not `kept`."""
    boxes, least = sample.boxes_xyxy, MIN_AREA_KEPT
    if sample.instance_map is not None:
        boxes, least = tightened(boxes, sample.instance_map), MIN_AREA_KEPT_OF_MASK
    sides, sides_before = boxes[:, 2:] - boxes[:, :2], before_xyxy[:, 2:] - before_xyxy[:, :2]
    aspect = sides.max(axis=1, initial=0) / (sides.min(axis=1, initial=np.inf) + 1e-9)
    is_large = (sides > MIN_SIDE).all(axis=1) & (sides.prod(axis=1) > least * sides_before.prod(axis=1))
    chosen = is_large & (aspect < max_aspect) & kept
    sample = replace(sample, boxes_xyxy=boxes)
    return sample if chosen.all() else sample.choose(chosen)
