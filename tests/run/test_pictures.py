from __future__ import annotations

import cv2
import numpy as np
import pytest

from yololab.data import ShapesSource
from yololab.metrics.coco_eval import evaluate
from yololab.metrics.coco_metric import Evaluation, ground_truth
from yololab.run.pictures import (
    class_colours,
    draw_boxes,
    draw_confusion,
    draw_precision_recall,
    draw_predictions,
    tinted,
)

CLASSES = ("disc", "square", "triangle")


@pytest.fixture(scope="module")
def data():
    return ShapesSource(train=1, val=6, size=64).read("val")


@pytest.fixture(scope="module")
def perfect(data):
    """An evaluation in which every label was found, with a score of 0.9."""
    rows = [
        [record.image_id, *box[:2], *(box[2:] - box[:2]), 0.9, label + 1]
        for record in data.records
        for box, label in zip(record.boxes_xyxy, record.labels, strict=True)
    ]
    truth, found = ground_truth(data.records, data.classes), np.array(rows, dtype=np.float64)
    return Evaluation(evaluate(truth, found), truth, found)


def test_colours_differ():
    assert len(set(class_colours(10))) == 10
    assert len(set(class_colours(40))) == 40


def test_pictures_show_labels_beside_predictions(data, perfect, tmp_path):
    paths = draw_predictions(data, perfect, 3, tmp_path / "pictures")
    assert len(paths) == 3
    picture = cv2.imread(str(paths[0]))
    assert picture.shape[1] == 2 * 640 + 6
    assert len(draw_predictions(data, perfect, 99, tmp_path / "all")) == 6


def test_a_box_is_drawn_where_it_lies_and_a_mask_tints_its_pixels():
    black = np.zeros((640, 640, 3), np.uint8)
    drawn = draw_boxes(black, np.array([[100.0, 200, 300, 400]]), np.array([0]), [""], CLASSES)
    assert drawn[300, 100].any()
    assert not drawn[300, 200].any()
    mask = np.zeros((640, 640), bool)
    mask[10:20, 10:20] = True
    washed = tinted(black, [(mask, 1)], CLASSES)
    assert washed[15, 15].tolist() == [int(0.5 * value) for value in class_colours(3)[1]]
    assert not washed[30, 30].any()
    assert not black.any()


def test_a_perfect_detector_confuses_nothing(data, perfect, tmp_path):
    counts = draw_confusion(perfect, CLASSES, tmp_path / "confusion.png")
    assert counts.shape == (4, 4)
    assert np.count_nonzero(counts - np.diag(np.diag(counts))) == 0
    assert counts.sum() == sum(len(record) for record in data.records)
    draw_precision_recall(perfect, CLASSES, tmp_path / "curves.png")
    assert all((tmp_path / name).stat().st_size > 1000 for name in ("confusion.png", "curves.png"))
