from __future__ import annotations

import base64

import cv2
import numpy as np

from yololab.data import ShapesSource
from yololab.report.panels import SIDE, with_detections, with_labels, with_map


def pixels(uri):
    start = "data:image/jpeg;base64,"
    assert uri.startswith(start)
    return cv2.imdecode(np.frombuffer(base64.b64decode(uri.removeprefix(start)), np.uint8), cv2.IMREAD_COLOR)


def test_pictures_have_one_size_and_show_what_they_say():
    data = ShapesSource(train=1, val=1, size=64).read("val")
    image, record = data.records[0].pixels, data.records[0]
    bare = pixels(with_detections(image, np.zeros((0, 6)), data.classes))
    labelled = pixels(with_labels(image, record, data.classes))
    assert bare.shape == labelled.shape == (SIDE, SIDE, 3)
    x1, y1, x2, _ = (record.boxes_xyxy[0] * SIDE / 64).round().astype(int)
    edge = (slice(max(y1 - 1, 0), y1 + 2), slice(x1, x2))
    assert np.abs(labelled[edge].astype(int) - bare[edge]).mean() > 20
    found = pixels(with_detections(image, np.array([[*record.boxes_xyxy[0], 0.9, 0.0]]), data.classes))
    assert np.abs(found.astype(int) - bare).mean() > 0.5


def test_a_map_is_bright_where_it_is_high():
    values = np.zeros((4, 4))
    values[:, 3] = 1.0
    shown = pixels(with_map(np.full((64, 64, 3), 100, np.uint8), values)).astype(int)
    assert shown[:, -20:].mean() > shown[:, :20].mean() + 30
