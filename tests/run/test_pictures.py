from __future__ import annotations

import cv2
import numpy as np
import pytest

from yololab.data import ShapesSource
from yololab.metrics.coco_eval import evaluate
from yololab.metrics.coco_metric import Evaluation, ground_truth
from yololab.run.pictures import draw_confusion, draw_precision_recall, draw_predictions

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


def test_pictures_show_labels_beside_predictions(data, perfect, tmp_path):
    paths = draw_predictions(data, perfect, 3, tmp_path / "pictures")
    assert len(paths) == 3
    picture = cv2.imread(str(paths[0]))
    assert paths[0].suffix == ".jpg"
    assert picture.shape[1] == 2 * 320 + 6  # images of 64 pixels are drawn large enough for captions
    assert len(draw_predictions(data, perfect, 99, tmp_path / "all")) == 6


def test_a_perfect_detector_confuses_nothing(data, perfect, tmp_path):
    counts = draw_confusion(perfect, CLASSES, tmp_path / "confusion.png")
    assert counts.shape == (4, 4)
    assert np.count_nonzero(counts - np.diag(np.diag(counts))) == 0
    assert counts.sum() == sum(len(record) for record in data.records)
    draw_precision_recall(perfect, CLASSES, tmp_path / "curves.png")
    assert all((tmp_path / name).stat().st_size > 1000 for name in ("confusion.png", "curves.png"))
