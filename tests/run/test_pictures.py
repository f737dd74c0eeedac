from __future__ import annotations

import cv2
import numpy as np
import pytest

from yololab.data import ShapesSource
from yololab.metrics.coco_eval import evaluate
from yololab.metrics.coco_metric import Evaluation, ground_truth
from yololab.run.diagnosis import diagnose
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
    pictures = draw_predictions(data, perfect, 3, tmp_path / "pictures")
    assert len(pictures) == 3
    first = pictures[0]
    assert first.path.suffix == ".jpg"
    # Images of 64 pixels are drawn large enough for captions.
    assert cv2.imread(str(first.path)).shape[1] == 2 * 320 + 6
    assert first.image.shape == (320, 320, 3)
    np.testing.assert_allclose(first.truth.boxes_xyxy, data.records[0].boxes_xyxy * 5)
    np.testing.assert_allclose(first.found.boxes_xyxy, first.truth.boxes_xyxy)
    assert first.found.scores.tolist() == [0.9] * len(first.found)
    assert len(draw_predictions(data, perfect, 99, tmp_path / "all")) == 6


def test_pictures_of_an_earlier_attempt_do_not_stay(data, perfect, tmp_path):
    draw_predictions(data, perfect, 99, tmp_path)
    kept = draw_predictions(data, perfect, 2, tmp_path)
    assert sorted(tmp_path.glob("*.jpg")) == sorted(picture.path for picture in kept)


def test_a_perfect_detector_confuses_nothing(data, perfect, tmp_path):
    counts = diagnose(perfect, CLASSES).confusion
    draw_confusion(counts, CLASSES, tmp_path / "confusion.png")
    assert counts.shape == (4, 4)
    assert np.count_nonzero(counts - np.diag(np.diag(counts))) == 0
    assert counts.sum() == sum(len(record) for record in data.records)
    draw_precision_recall(perfect, CLASSES, tmp_path / "curves.png")
    assert all((tmp_path / name).stat().st_size > 1000 for name in ("confusion.png", "curves.png"))
