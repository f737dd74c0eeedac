from __future__ import annotations

import numpy as np
import pytest

from yololab.data.dataset import EvalDataset
from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.problems import ProblemLog
from yololab.data.rectangles import rectangular_batches

EMPTY = np.zeros(0)


def record(width, height, number=0):
    pixels = np.full((height, width, 3), 200, np.uint8)
    boxes = np.array([[0.0, 0.0, width, height]])
    labels, crowd = np.zeros(1, np.int64), np.zeros(1, bool)
    areas = np.array([float(width * height)])
    return ImageRecord(number, str(number), None, width, height, boxes, labels, crowd, areas, pixels=pixels)


def sizes_of_the_references(shapes, size, stride, batch):
    """YOLOv5's rule as facts: sorted by aspect, each batch as square as its squarest image asks for."""
    ratios = np.sort(np.array([height / width for width, height in shapes]))
    found = []
    for start in range(0, len(ratios), batch):
        low, high = ratios[start : start + batch].min(), ratios[start : start + batch].max()
        shape = np.array([high, 1] if high < 1 else [1, 1 / low] if low > 1 else [1, 1])
        height, width = (np.ceil(shape * size / stride + 0.5) * stride).astype(int)
        found += [(int(width), int(height))] * len(ratios[start : start + batch])
    return found


@pytest.mark.parametrize("batch", [1, 3, 32])
def test_sizes_are_those_of_the_references(batch):
    rng = np.random.default_rng(0)
    shapes = rng.integers(40, 200, (50, 2)).tolist()
    records = [record(width, height) for width, height in shapes]
    batches, sizes = rectangular_batches(records, 320, 32, batch)
    in_order = [place for one in batches for place in one]
    assert sorted(in_order) == list(range(50))
    assert [sizes[place] for place in in_order] == sizes_of_the_references(shapes, 320, 32, batch)


def test_bccd_at_320_is_352_by_256():
    _, sizes = rectangular_batches([record(640, 480)] * 3, 320, 32, 32)
    assert set(sizes) == {(352, 256)}


def test_an_image_lies_in_the_middle_and_finds_its_way_back():
    data = DetectionData(("a",), (record(64, 48),), ProblemLog("drop"))
    item = EvalDataset(data, image_size=64, sizes=[(96, 64)])[0]
    assert item.image.shape == (3, 64, 96)
    assert item.boxes_xyxy.tolist() == [[16, 8, 80, 56]]
    assert item.letterbox is not None
    assert item.letterbox.to_original(item.boxes_xyxy).tolist() == [[0, 0, 64, 48]]


def test_shrinking_by_area_averages():
    stripes = record(64, 64)
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, ::4] = 200
    stripes = ImageRecord(**{**stripes.__dict__, "pixels": pixels})
    data = DetectionData(("a",), (stripes,), ProblemLog("drop"))
    images = {s: EvalDataset(data, image_size=16, shrink=s)[0].image for s in ("linear", "area")}
    assert images["area"].unique().tolist() == [50]
    assert images["linear"].unique().tolist() != [50]
