from __future__ import annotations

import numpy as np
import pytest

from parts import augment
from yololab.data import ShapesSource
from yololab.data.augment import affine, flip, mixup, mosaic
from yololab.data.sample import Sample, to_sample

STRONG = augment(degrees=20, shear=5, scale=0.4, mixup=0.3, flip_ud=0.5)


@pytest.fixture(scope="module")
def shapes():
    return ShapesSource(train=24, val=8, size=96).read("train")


def samples(data, count):
    return [to_sample(record, record.pixels, with_masks=True) for record in data.records[:count]]


def mask_boxes(sample: Sample) -> dict[int, np.ndarray]:
    """Bounding box of what is visible of every object."""
    found = {}
    for index in range(len(sample.labels)):
        rows, columns = np.nonzero(sample.instance_map == index + 1)
        if len(rows):
            found[index] = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    return found


def assert_masks_lie_in_boxes(sample: Sample, slack: float) -> None:
    assert set(np.unique(sample.instance_map)) <= set(range(len(sample.labels) + 1))
    for index, seen in mask_boxes(sample).items():
        box = sample.boxes_xyxy[index]
        assert (seen[:2] >= box[:2] - slack).all(), (box, seen)
        assert (seen[2:] <= box[2:] + slack).all(), (box, seen)


@pytest.mark.parametrize("seed", range(6))
def test_boxes_and_masks_move_with_the_image(shapes, seed):
    rng = np.random.default_rng(seed)
    mixed = mosaic(samples(shapes, 4), 96, rng)
    assert_masks_lie_in_boxes(mixed, 0)
    warped = affine(mixed, 96, STRONG, rng)
    assert warped.image.shape == (96, 96, 3)
    assert_masks_lie_in_boxes(warped, 1.5)
    flipped = flip(warped, augment(flip_lr=1.0, flip_ud=1.0), rng)
    assert_masks_lie_in_boxes(flipped, 1.5)
    blended = mixup(flipped, affine(samples(shapes, 5)[4], 96, STRONG, rng), rng)
    assert_masks_lie_in_boxes(blended, 1.5)


def test_pixels_move_with_their_boxes(shapes):
    """A white square on black is still where its box says after any warp."""
    image = np.zeros((80, 80, 3), np.uint8)
    image[20:50, 30:60] = 255
    sample = Sample(image, np.array([[30.0, 20, 60, 50]], np.float32), np.array([0]))
    for seed in range(10):
        warped = affine(sample, 80, augment(degrees=0, scale=0.3, translate=0.1), np.random.default_rng(seed))
        rows, columns = np.nonzero(warped.image[:, :, 0] > 200)
        seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert np.abs(warped.boxes_xyxy[0] - seen).max() < 1.5


def test_flipping_twice_changes_nothing(shapes):
    config, sample = augment(flip_lr=1.0, flip_ud=1.0), samples(shapes, 1)[0]
    again = flip(flip(sample, config, np.random.default_rng(0)), config, np.random.default_rng(0))
    assert np.array_equal(again.image, sample.image)
    np.testing.assert_allclose(again.boxes_xyxy, sample.boxes_xyxy)
    assert np.array_equal(again.instance_map, sample.instance_map)


@pytest.mark.parametrize(
    "config",
    [augment(), augment(degrees=45), augment(degrees=20, shear=10), augment(scale=0.5, translate=0.4)],
    ids=["as recipes have it", "turned", "sheared", "cut"],
)
def test_boxes_are_those_of_what_is_visible(shapes, config):
    """A warped box is the box of a box; where masks are known, theirs is the truth."""
    rng = np.random.default_rng(0)
    for start in range(0, 20, 4):
        warped = affine(mosaic(samples(shapes, 24)[start : start + 4], 96, rng), 96, config, rng)
        seen = mask_boxes(warped)
        assert seen.keys() == set(range(len(warped.labels)))
        for index, box in seen.items():
            assert iou(box, warped.boxes_xyxy[index]) >= 0.9


def iou(first: np.ndarray, second: np.ndarray) -> float:
    sides = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    shared = sides.clip(0).prod()
    return shared / ((first[2:] - first[:2]).prod() + (second[2:] - second[:2]).prod() - shared)


def test_thin_boxes_go_where_a_recipe_says_so():
    image = np.zeros((80, 80, 3), np.uint8)
    boxes = np.array([[10.0, 40, 70, 44], [20, 20, 40, 40]], np.float32)
    sample, still = Sample(image, boxes, np.array([0, 1])), {"degrees": 0, "scale": 0, "translate": 0, "shear": 0}
    kept = [
        affine(sample, 80, augment(**still, max_aspect=limit), np.random.default_rng(0)).labels.tolist()
        for limit in (100, 10)
    ]
    assert kept == [[0, 1], [1]]
