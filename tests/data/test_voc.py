from __future__ import annotations

import pytest

from data.case import CLASSES, voc_object, write_voc
from yololab.data import VOCSource
from yololab.errors import DataError


def test_voc_reads_boxes_labels_and_difficult_objects(tmp_path):
    objects = voc_object("dog", (5, 6, 20, 16)) + voc_object("cat", (1, 1, 9, 9), difficult=1)
    data = VOCSource(str(write_voc(tmp_path, {"a": objects})), CLASSES).read("train")
    (record,) = data.records
    assert (record.width, record.height, record.path) == (40, 30, tmp_path / "JPEGImages" / "a.jpg")
    assert record.boxes_xyxy.tolist() == [[5, 6, 20, 16], [1, 1, 9, 9]]
    assert record.labels.tolist() == [1, 0]
    assert record.crowd.tolist() == [False, True]
    assert record.areas.tolist() == [150, 64]
    assert data.problems.problems == []


def test_voc_devkit_counts_pixels_from_one(tmp_path):
    data = VOCSource(str(write_voc(tmp_path, {"a": voc_object("dog", (1, 1, 40, 30))})), CLASSES, one_based=True).read(
        "val"
    )
    assert data.records[0].boxes_xyxy.tolist() == [[0, 0, 40, 30]]


def test_an_unknown_split_lists_those_that_exist(tmp_path):
    with pytest.raises(DataError, match=r"trainn.txt does not exist; splits found there: train, val"):
        VOCSource(str(write_voc(tmp_path, {"a": ""})), CLASSES, train="trainn").read("train")


def test_bccd_has_205_and_87_images_and_two_zero_area_boxes(bccd):
    source = VOCSource(str(bccd), ("RBC", "WBC", "Platelets"))
    train, val = source.read("train"), source.read("val")
    assert (len(train.records), len(val.records)) == (205, 87)
    problems = train.problems.problems + val.problems.problems
    assert [(p.kind, p.file.rpartition("/")[2], p.line) for p in problems] == [
        ("zero area", "BloodImage_00343.xml", 50),
        ("zero area", "BloodImage_00338.xml", 158),
    ]
