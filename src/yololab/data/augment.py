"""Random changes of samples: mixup, colours, flips. Each takes a generator and has no other source of chance; boxes and
instance maps move with the image."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from yololab.data.sample import Sample

STRIP = 64
"""Rows whose colours are changed at once"""


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


def mixup(first: Sample, second: Sample, rng: np.random.Generator) -> Sample:
    """Blend two samples of equal size by a weight near 1/2 (arXiv:1710.09412, with Beta(32, 32))."""
    share = rng.beta(32.0, 32.0)
    image = cv2.addWeighted(first.image, share, second.image, 1 - share, 0)
    instance_map = first.instance_map
    if instance_map is not None and second.instance_map is not None:
        shifted = second.instance_map + len(first.labels)
        instance_map = np.where(second.instance_map > 0, shifted, instance_map)
    boxes = np.concatenate((first.boxes_xyxy, second.boxes_xyxy))
    return Sample(image, boxes, np.concatenate((first.labels, second.labels)), instance_map)


def colour_factors(config: AugmentConfig, rng: np.random.Generator) -> np.ndarray | None:
    """Random factors of hue, saturation and value; None where nothing changes."""
    strengths = np.array([config.hsv_h, config.hsv_s, config.hsv_v])
    return rng.uniform(-1, 1, 3) * strengths + 1 if strengths.any() else None


def rgb_planes(image: np.ndarray, factors: np.ndarray | None) -> np.ndarray:
    """BGR (H, W, 3) -> RGB (3, H, W), its hue, saturation and value times `factors`."""
    planes = np.empty((3, *image.shape[:2]), np.uint8)
    if factors is None:
        cv2.split(image, [planes[2], planes[1], planes[0]])
        return planes
    hues = ((np.arange(256) * factors[0]) % 180).astype(np.uint8)
    for top in range(0, len(image), STRIP):  # what stands between fits the cache
        rows = slice(top, top + STRIP)
        hue, saturation, value = cv2.split(cv2.cvtColor(image[rows], cv2.COLOR_BGR2HSV))
        changed = cv2.merge([cv2.LUT(hue, hues), _scaled(saturation, factors[1]), _scaled(value, factors[2])])
        cv2.split(cv2.cvtColor(changed, cv2.COLOR_HSV2RGB), [planes[channel, rows] for channel in range(3)])
    return planes


def _scaled(plane: np.ndarray, factor: float) -> np.ndarray:
    """Times `factor`, rounded down, at most 255."""
    return cv2.convertScaleAbs(plane, alpha=factor, beta=-0.4999)


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
    return replace(sample, image=cv2.flip(sample.image, axis), boxes_xyxy=boxes, instance_map=instance_map)
