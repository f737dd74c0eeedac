from __future__ import annotations

import cv2
import numpy as np
import pytest

from masks import assert_masks_lie_in_boxes, samples
from parts import augment
from yololab.data import ShapesSource
from yololab.data.augment import colour_factors, flip, mixup, rgb_planes
from yololab.data.canvas import alone, mosaic
from yololab.data.warp import affine

STRONG = augment(degrees=20, shear=5, scale=0.4, mixup=0.3, flip_ud=0.5)


@pytest.fixture(scope="module")
def shapes():
    return ShapesSource(train=24, val=8, size=96).read("train")


@pytest.mark.parametrize("seed", range(6))
def test_boxes_and_masks_move_with_the_image(shapes, seed):
    rng = np.random.default_rng(seed)
    layout = mosaic(samples(shapes, 4), 96, rng)
    assert_masks_lie_in_boxes(layout.painted(), 0)
    warped = affine(layout, 96, STRONG, rng)
    assert warped.image.shape == (96, 96, 3)
    assert_masks_lie_in_boxes(warped, 1.5)
    flipped = flip(warped, augment(flip_lr=1.0, flip_ud=1.0), rng)
    assert_masks_lie_in_boxes(flipped, 1.5)
    blended = mixup(flipped, affine(alone(samples(shapes, 5)[4]), 96, STRONG, rng), rng)
    assert_masks_lie_in_boxes(blended, 1.5)


def test_flipping_twice_changes_nothing(shapes):
    config, sample = augment(flip_lr=1.0, flip_ud=1.0), samples(shapes, 1)[0]
    again = flip(flip(sample, config, np.random.default_rng(0)), config, np.random.default_rng(0))
    assert np.array_equal(again.image, sample.image)
    np.testing.assert_allclose(again.boxes_xyxy, sample.boxes_xyxy)
    assert np.array_equal(again.instance_map, sample.instance_map)


def test_colours_change_as_factors_of_hue_saturation_and_value_say():
    """Against the same arithmetic through whole tables, at a height that is no multiple of a strip's."""
    image = np.random.default_rng(0).integers(0, 256, (100, 50, 3), dtype=np.uint8)
    factors = np.array([1.3, 1.4, 0.6])
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    levels = np.arange(256)
    tables = np.stack([(levels * factors[0]) % 180, *((levels * f).clip(0, 255) for f in factors[1:])]).astype(np.uint8)
    changed = np.stack([tables[channel][hsv[:, :, channel]] for channel in range(3)], axis=2)
    expected = cv2.cvtColor(changed, cv2.COLOR_HSV2RGB).transpose(2, 0, 1)
    found = rgb_planes(image, factors)
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert (found == expected).mean() > 0.98  # the rest is rounded at a whole number
    assert np.array_equal(rgb_planes(image, None), image[:, :, ::-1].transpose(2, 0, 1))


def test_colours_stay_where_nothing_may_change_them():
    assert colour_factors(augment(hsv_h=0, hsv_s=0, hsv_v=0), np.random.default_rng(0)) is None
