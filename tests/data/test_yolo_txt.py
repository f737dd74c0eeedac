from __future__ import annotations

import numpy as np

from data.case import write_yolo
from yololab.data import YOLOSource


def test_yolo_tells_boxes_from_polygons(tmp_path):
    root = write_yolo(
        tmp_path, {"a": "1 0.5 0.5 0.5 0.2\n", "b": "0 0.1 0.1 0.5 0.1 0.5 0.6\n0 0.1 0.1 0.5 0.1 0.5 0.6 0.2 0.9\n"}
    )
    box, polygon = YOLOSource(str(root)).read("train").records
    assert box.boxes_xyxy.tolist() == [[10, 12, 30, 18]]
    assert box.masks is None
    np.testing.assert_allclose(polygon.boxes_xyxy, [[4, 3, 20, 18], [4, 3, 20, 27]])
    assert [len(mask[0]) for mask in polygon.masks] == [3, 4]


def test_yolo_names_broken_lines(tmp_path):
    text = "0 0.5 0.5 0.5 0.2\n0 0.5 0.5 0.5\n5 0.5 0.5 0.2 0.2\nx 1 2 3 4\n0 nan 0.5 0.1 0.1\n"
    text += "0 0.5 0.5 0 0.1\n0.5 0.5 0.5 0.1 0.1\n0 0.5 0.5 0.5 0.2\n-1 0.5 0.5 0.1 0.1\n"
    data = YOLOSource(str(write_yolo(tmp_path, {"a": text}))).read("train")
    assert len(data.records[0]) == 1
    found = sorted((p.line, p.kind) for p in data.problems.problems)
    assert found == [
        (2, "unreadable label"),
        (3, "wrong class"),
        (4, "unreadable label"),
        (5, "not a number"),
        (6, "zero area"),
        (7, "wrong class"),
        (8, "duplicated label"),
        (9, "wrong class"),
    ]


def test_yolo_images_without_labels_are_empty(tmp_path):
    root = write_yolo(tmp_path, {"a": ""})
    (root / "labels" / "a.txt").unlink()
    assert [len(record) for record in YOLOSource(str(root / "data.yaml")).read("val").records] == [0]
