from __future__ import annotations

import json

import numpy as np
import pytest

from yololab.inference.prediction import Prediction


def prediction(masks=None):
    boxes = np.array([[1.0, 2.0, 11.0, 22.0], [30.0, 5.0, 40.0, 9.0]])
    return Prediction("a.png", 64, 48, boxes, np.array([0.9, 0.4]), np.array([1, 0]), ("cat", "dog"), masks)


def test_objects_are_plain_numbers_for_json():
    found = prediction()
    assert len(found) == 2
    assert found.names == ["dog", "cat"]
    first = json.loads(json.dumps(found.to_dicts()))[0]
    assert first == {"class": "dog", "label": 1, "score": 0.9, "box": {"x1": 1.0, "y1": 2.0, "x2": 11.0, "y2": 22.0}}


def test_supervision_takes_them_over():
    supervision = pytest.importorskip("supervision")
    masks = np.zeros((2, 48, 64), bool)
    masks[0, 2:22, 1:11] = True
    found = prediction(masks).to_supervision()
    assert isinstance(found, supervision.Detections)
    assert found.xyxy.tolist() == [[1, 2, 11, 22], [30, 5, 40, 9]]
    assert found.data["class_name"].tolist() == ["dog", "cat"]
    assert found.mask.sum(axis=(1, 2)).tolist() == [200, 0]


def test_nothing_found_is_no_error_there_either():
    supervision = pytest.importorskip("supervision")
    none = Prediction("a.png", 64, 48, np.zeros((0, 4)), np.zeros(0), np.zeros(0, int), ("cat",))
    assert len(none.to_supervision()) == 0
    assert isinstance(none.to_supervision(), supervision.Detections)
