"""Random changes of samples: mosaic, affine, mixup, colours, flips. Each takes a generator and has no other source
of chance; boxes and instance maps move with the image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.ndimage import find_objects

from yololab.data.sample import PAD_VALUE, Sample

MIN_SIDE = 2.0
"""Boxes with a side of fewer pixels are dropped after a warp."""
MIN_AREA_KEPT, MIN_AREA_KEPT_OF_MASK = 0.1, 0.01
"""Boxes of which less than this share remains in the image are dropped; the second where masks give the boxes."""
BOX_AGREES = 0.9
"""A box that has at least this IoU with its visible mask's is kept, since masks know whole pixels only."""


@dataclass(frozen=True)
class AugmentConfig:
    """Strengths and probabilities, as conf/recipe/base.yaml has them. All 0 switches augmentation off.

    `mosaic`, `mixup`, `flip_lr`, `flip_ud`: probabilities. `degrees`, `shear`: largest angle in degrees. `translate`:
    largest shift as a share of the image. `scale`: zoom by 1 +- this. `hsv_h`, `hsv_s`, `hsv_v`: largest relative
    change of hue, saturation and value. `max_aspect`: boxes with a longer side of more times the shorter are dropped.
    """

    mosaic: float
    mixup: float
    degrees: float
    translate: float
    scale: float
    shear: float
    flip_lr: float
    flip_ud: float
    hsv_h: float
    hsv_s: float
    hsv_v: float
    max_aspect: float = 100.0

    def __post_init__(self) -> None:
        for name in ("mosaic", "mixup", "flip_lr", "flip_ud"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"recipe.augment.{name} is a probability, got {getattr(self, name)}")


def mosaic(samples: Sequence[Sample], size: int, rng: np.random.Generator) -> Sample:
    """Four samples around a random centre of a canvas of 2 * size pixels a side."""
    side = 2 * size
    center_x, center_y = (int(v) for v in rng.uniform(size / 2, 3 * size / 2, 2))
    canvas = np.full((side, side, 3), PAD_VALUE, np.uint8)
    instance_map = None if samples[0].instance_map is None else np.zeros((side, side), np.int32)
    boxes, offset = [], 0
    for index, sample in enumerate(samples):
        height, width = sample.image.shape[:2]
        left = center_x - width if index % 2 == 0 else center_x
        top = center_y - height if index < 2 else center_y
        x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + width, side), min(top + height, side)
        inside = np.s_[y1 - top : y2 - top, x1 - left : x2 - left]
        canvas[y1:y2, x1:x2] = sample.image[inside]
        if instance_map is not None and sample.instance_map is not None:
            part = sample.instance_map[inside]
            instance_map[y1:y2, x1:x2] = np.where(part > 0, part + offset, 0)
        boxes.append(sample.boxes_xyxy + np.array([left, top, left, top], np.float32))
        offset += len(sample.labels)
    merged = Sample(canvas, np.concatenate(boxes), np.concatenate([s.labels for s in samples]), instance_map)
    return _keep_visible(replace(merged, boxes_xyxy=merged.boxes_xyxy.clip(0, side)), merged.boxes_xyxy, 0.0, math.inf)


def affine(sample: Sample, size: int, config: AugmentConfig, rng: np.random.Generator) -> Sample:
    """Rotate, zoom, shear and shift around the centre, onto a canvas of `size` pixels a side."""
    matrix, zoom = _affine_matrix(sample.image.shape[:2], size, config, rng)
    flat = matrix[:2].astype(np.float32)
    image = cv2.warpAffine(sample.image, flat, (size, size), flags=cv2.INTER_LINEAR, borderValue=(PAD_VALUE,) * 3)
    instance_map = sample.instance_map
    if instance_map is not None:
        # Nearest neighbour through float32, which holds instance numbers exactly.
        warped = cv2.warpAffine(instance_map.astype(np.float32), flat, (size, size), flags=cv2.INTER_NEAREST)
        instance_map = warped.astype(np.int32)
    moved, least = warp_boxes(sample.boxes_xyxy, matrix).clip(0, size), MIN_AREA_KEPT
    if instance_map is not None:
        moved, least = tightened(moved, instance_map), MIN_AREA_KEPT_OF_MASK
    changed = replace(sample, image=image, boxes_xyxy=moved, instance_map=instance_map)
    return _keep_visible(changed, sample.boxes_xyxy * zoom, least, config.max_aspect)


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


def mixup(first: Sample, second: Sample, rng: np.random.Generator) -> Sample:
    """Blend two samples of equal size by a weight near 1/2 (arXiv:1710.09412, with Beta(32, 32))."""
    share = rng.beta(32.0, 32.0)
    image = (first.image * share + second.image * (1 - share)).astype(np.uint8)
    instance_map = first.instance_map
    if instance_map is not None and second.instance_map is not None:
        shifted = second.instance_map + len(first.labels)
        instance_map = np.where(second.instance_map > 0, shifted, instance_map)
    boxes = np.concatenate((first.boxes_xyxy, second.boxes_xyxy))
    return Sample(image, boxes, np.concatenate((first.labels, second.labels)), instance_map)


def hsv(sample: Sample, config: AugmentConfig, rng: np.random.Generator) -> Sample:
    """Scale hue, saturation and value by random factors."""
    strengths = np.array([config.hsv_h, config.hsv_s, config.hsv_v])
    if not strengths.any():
        return sample
    factors = rng.uniform(-1, 1, 3) * strengths + 1
    levels = np.arange(256)
    tables = ((levels * factors[0]) % 180, (levels * factors[1]).clip(0, 255), (levels * factors[2]).clip(0, 255))
    channels = cv2.split(cv2.cvtColor(sample.image, cv2.COLOR_BGR2HSV))
    changed = [cv2.LUT(channel, table.astype(np.uint8)) for channel, table in zip(channels, tables, strict=True)]
    return replace(sample, image=cv2.cvtColor(cv2.merge(changed), cv2.COLOR_HSV2BGR))


def flip(sample: Sample, config: AugmentConfig, rng: np.random.Generator) -> Sample:
    """Mirror left-right and upside-down with their probabilities."""
    left_right, upside_down = rng.random(2) < (config.flip_lr, config.flip_ud)
    if left_right:
        sample = _mirrored(sample, axis=1)
    return _mirrored(sample, axis=0) if upside_down else sample


def _mirrored(sample: Sample, axis: int) -> Sample:
    side = sample.image.shape[axis]
    low, high = (0, 2) if axis == 1 else (1, 3)
    boxes = sample.boxes_xyxy.copy()
    boxes[:, low], boxes[:, high] = side - sample.boxes_xyxy[:, high], side - sample.boxes_xyxy[:, low]
    instance_map = None if sample.instance_map is None else np.flip(sample.instance_map, axis).copy()
    return replace(sample, image=np.flip(sample.image, axis).copy(), boxes_xyxy=boxes, instance_map=instance_map)


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


def _keep_visible(sample: Sample, before_xyxy: np.ndarray, min_area: float, max_aspect: float) -> Sample:
    """Drop boxes that became too small, too thin, or too small a share of what they were."""
    sides = sample.boxes_xyxy[:, 2:] - sample.boxes_xyxy[:, :2]
    sides_before = before_xyxy[:, 2:] - before_xyxy[:, :2]
    area, area_before = sides.prod(axis=1), sides_before.prod(axis=1)
    aspect = sides.max(axis=1, initial=0) / (sides.min(axis=1, initial=np.inf) + 1e-9)
    kept = (sides > MIN_SIDE).all(axis=1) & (area > min_area * area_before) & (aspect < max_aspect)
    return sample if kept.all() else sample.choose(kept)
