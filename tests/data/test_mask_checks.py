from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from yololab.data.mask_checks import area_of, why_no_polygon, why_no_rle


def test_what_pycocotools_encodes_is_sound(tmp_path):
    rng = np.random.default_rng(0)
    for _ in range(200):
        height, width = rng.integers(1, 60, 2)
        mask = (rng.random((height, width)) < rng.random()).astype(np.uint8)
        found = coco_mask.encode(np.asfortranarray(mask))
        rle = {"size": [int(height), int(width)], "counts": found["counts"].decode()}
        assert why_no_rle(rle, (int(width), int(height))) is None


@pytest.mark.parametrize("cut", range(1, 6))
def test_a_text_that_is_cut_or_changed_is_not(cut):
    mask = np.zeros((50, 70), np.uint8)
    mask[10:40, 20:60] = 1
    counts = coco_mask.encode(np.asfortranarray(mask))["counts"].decode()
    assert why_no_rle({"size": [50, 70], "counts": counts}, (70, 50)) is None
    assert why_no_rle({"size": [50, 70], "counts": counts[:-cut]}, (70, 50)) is not None
    assert why_no_rle({"size": [50, 70], "counts": counts + "P" * cut}, (70, 50)) is not None


def test_areas_and_places_of_polygons():
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4]], float)
    assert area_of(square) == 16
    assert why_no_polygon(square, (10, 10)) is None
    assert "outside" in why_no_polygon(square + 20, (10, 10))
    assert "reaches to" in why_no_polygon(square + 2000, (10, 10))
    assert "no numbers" in why_no_polygon(square * np.nan, (10, 10))
