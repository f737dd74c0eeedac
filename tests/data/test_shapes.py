from __future__ import annotations

import numpy as np
import pytest

from masks import mask_boxes, samples
from yololab.data import ShapesSource
from yololab.errors import ConfigError


@pytest.fixture(scope="module")
def shapes():
    return ShapesSource(train=24, val=8, size=96).read("train")


def test_embedded_boxes_are_exactly_the_bounds_of_their_masks(shapes):
    for sample in samples(shapes, 24):
        for index, seen in mask_boxes(sample).items():
            assert sample.boxes_xyxy[index].tolist() == seen.tolist()


def test_embedded_images_are_a_function_of_seed_split_and_index():
    first, second = ShapesSource(train=4, val=4).read("train"), ShapesSource(train=9, val=4).read("train")
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first.records, second.records, strict=False))
    other = ShapesSource(train=4, val=4, seed=1).read("train")
    assert not np.array_equal(first.records[0].pixels, other.records[0].pixels)
    assert ShapesSource(train=4, val=4).read("val").fingerprint() != first.fingerprint()


def test_difficulty_lowers_contrast_and_raises_noise():
    def roughness(difficulty):
        pixels = ShapesSource(train=6, val=1, difficulty=difficulty).read("train").records[0].pixels.astype(float)
        return np.abs(np.diff(pixels, axis=1)).mean()

    assert roughness(0.0) < roughness(0.5) < roughness(1.0)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("max_objects", 0),
        ("size", 0),
        ("occlusion", -0.1),
        ("occlusion", float("nan")),
        ("object_scale", (0.5, 0.2)),
        ("object_scale", (0.1,)),
        ("seed", -1),
    ],
)
def test_scenes_that_cannot_be_are_refused_by_name(option, value):
    with pytest.raises(ConfigError, match=f"data.{option} must be"):
        ShapesSource(**{option: value})
