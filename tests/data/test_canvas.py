from __future__ import annotations

import numpy as np
import pytest

from masks import assert_masks_lie_in_boxes, samples
from yololab.data import ShapesSource
from yololab.data.canvas import alone, mosaic
from yololab.data.sample import PAD_VALUE, Sample


@pytest.fixture(scope="module")
def shapes():
    return ShapesSource(train=8, val=8, size=64).read("train")


def test_one_sample_lies_in_the_middle_of_its_square():
    sample = Sample(np.full((20, 40, 3), 7, np.uint8), np.array([[1.0, 2, 30, 19]], np.float32), np.array([0]))
    painted = alone(sample, 40).painted()
    assert (painted.image[10:30] == 7).all()
    assert (painted.image[:10] == PAD_VALUE).all()
    assert (painted.image[30:] == PAD_VALUE).all()
    assert painted.boxes_xyxy.tolist() == [[1, 12, 30, 29]]
    assert alone(sample).painted().image.shape == (20, 40, 3)


@pytest.mark.parametrize("seed", range(5))
def test_four_samples_meet_at_a_point_and_show_what_they_showed(shapes, seed):
    chosen = samples(shapes, 4)
    layout = mosaic(chosen, 64, np.random.default_rng(seed))
    painted = layout.painted()
    assert painted.image.shape == (128, 128, 3)
    assert_masks_lie_in_boxes(painted, 0)
    assert len({(tile.left + 64 * (index % 2 == 0)) for index, tile in enumerate(layout.tiles)}) == 1
    for tile in layout.tiles:
        x1, y1, x2, y2 = tile.seen(128, 128)
        part = tile.sample.image[y1 - tile.top : y2 - tile.top, x1 - tile.left : x2 - tile.left]
        assert np.array_equal(painted.image[y1:y2, x1:x2], part)


def test_what_a_mosaic_s_edge_leaves_of_a_box_must_be_two_pixels_wide():
    far = Sample(np.zeros((64, 64, 3), np.uint8), np.array([[0, 0, 64, 64], [0, 0, 1, 64]], np.float32), np.arange(2))
    layout = mosaic([far] * 4, 64, np.random.default_rng(0))
    kept = layout.kept(layout.inside(layout.boxes()))
    assert kept.tolist() == [True, False] * 4
    assert len(layout.painted().labels) == 4
