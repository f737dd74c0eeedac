from __future__ import annotations

import numpy as np
import pytest

from data.case import CLASSES, truncate, voc_object, write_coco, write_voc, write_yolo
from yololab.data import COCOSource, VOCSource, YOLOSource
from yololab.data.sample import draw_mask
from yololab.errors import ConfigError, DataError


def kinds(data):
    return {problem.kind for problem in data.problems.problems}


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


def test_every_broken_voc_object_is_listed_with_file_and_line_and_dropped(tmp_path):
    objects = "".join(
        voc_object(name, box)
        for name, box in [
            ("dog", (5, 6, 20, 16)),
            ("dog", (8, 8, 8, 20)),
            ("dog", (100, 100, 120, 120)),
            ("dog", ("nan", 1, 2, 3)),
            ("cow", (1, 1, 5, 5)),
            ("cat", (30, 20, 50, 28)),
        ]
    )
    data = VOCSource(str(write_voc(tmp_path, {"a": objects})), CLASSES).read("train")
    assert data.records[0].boxes_xyxy.tolist() == [[5, 6, 20, 16], [30, 20, 40, 28]]
    found = {(p.kind, p.line, p.action) for p in data.problems.problems}
    assert found == {
        ("zero area", 6, "dropped"),
        ("outside the image", 10, "dropped"),
        ("not a number", 14, "dropped"),
        ("wrong class", 18, "dropped"),
        ("overhanging", 22, "clipped"),
    }
    assert all(p.file.endswith("a.xml") for p in data.problems.problems)


def test_missing_truncated_and_twice_listed_images_are_dropped(tmp_path):
    root = write_voc(tmp_path, {"a": "", "b": ""}, listed=["a", "b", "a", "gone"])
    truncate(root / "JPEGImages" / "b.jpg")
    data = VOCSource(str(root), CLASSES).read("train")
    assert [record.name for record in data.records] == ["a"]
    assert kinds(data) == {"truncated image", "duplicated id", "missing image"}


def test_refuse_lists_what_is_wrong_and_what_to_do(tmp_path):
    root = write_voc(tmp_path, {"a": voc_object("dog", (8, 8, 8, 20))})
    with pytest.raises(
        DataError, match=r"1 problems.*refuse:\n.*a\.xml:2: zero area.*\nMend the files, or let data.on_error=drop"
    ):
        VOCSource(str(root), CLASSES, on_error="refuse").read("train")
    with pytest.raises(ConfigError, match="data.on_error must be 'drop' or 'refuse', got 'ignore'"):
        VOCSource(str(root), CLASSES, on_error="ignore").read("train")


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


def coco(root, annotations, images=None):
    images = images or [{"id": 3, "file_name": "a.jpg"}]
    write_coco(root, images, annotations)
    return COCOSource(str(root), ("annotations.json", "images"), ("annotations.json", "images"))


def annotation(number, box=(5, 6, 15, 10), category=9, image=3, **more):
    return {"id": number, "image_id": image, "category_id": category, "bbox": list(box), "iscrowd": 0, **more}


def test_coco_reads_boxes_areas_crowds_polygons_and_rle(tmp_path):
    rle = {"size": [30, 40], "counts": [0, 30, 1170]}
    rows = [
        annotation(1, area=99.0, segmentation=[[5, 6, 20, 6, 20, 16, 5, 16]]),
        annotation(2, (0, 0, 1, 30), 7, segmentation=rle, iscrowd=1),
    ]
    data = coco(tmp_path, rows).read("train")
    (record,) = data.records
    assert data.classes == CLASSES
    assert record.image_id == 3
    assert record.boxes_xyxy.tolist() == [[5, 6, 20, 16], [0, 0, 1, 30]]
    assert record.labels.tolist() == [1, 0]
    assert record.areas.tolist() == [99, 30]
    assert record.crowd.tolist() == [False, True]
    polygon, column = (draw_mask(mask, record, (30, 40)) for mask in record.masks)
    assert polygon[10, 10]
    assert not polygon[2, 2]
    assert column[:, 0].all()
    assert column.sum() == 30


def test_broken_coco_annotations_are_named(tmp_path):
    rows = [
        annotation(1),
        annotation(1, (1, 1, 5, 5)),
        annotation(2, category=55),
        annotation(4, image=77),
        annotation(5, (5, 5, 0, 5)),
        annotation(6, (1, 2, 3)),
        annotation(7, segmentation=[[1, 2, 3]]),
        {"id": 8, "image_id": 3},
    ]
    images = [
        {"id": 3, "file_name": "a.jpg"},
        {"id": 3, "file_name": "b.jpg"},
        {"id": 4, "file_name": "c.jpg", "written": False},
    ]
    data = coco(tmp_path, rows, images).read("train")
    assert [len(record) for record in data.records] == [1]
    assert kinds(data) == {"duplicated id", "wrong class", "missing image", "zero area", "unreadable annotation"}


def test_a_file_that_is_no_coco_json_is_refused(tmp_path):
    source = coco(tmp_path, [])
    (tmp_path / "annotations.json").write_text("{")
    with pytest.raises(DataError, match=r"annotations.json: cannot be read as COCO JSON"):
        source.read("train")


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


def test_missing_roots_say_what_to_set(tmp_path):
    for source in (VOCSource(str(tmp_path / "x"), CLASSES), YOLOSource(str(tmp_path / "x"))):
        with pytest.raises(DataError, match=r"data.root"):
            source.read("train")


def test_a_fingerprint_follows_the_labels_and_not_the_place(tmp_path):
    objects = voc_object("dog", (5, 6, 20, 16))
    first, second = (VOCSource(str(write_voc(tmp_path / n, {"a": objects})), CLASSES).read("train") for n in "ab")
    changed = VOCSource(str(write_voc(tmp_path / "c", {"a": voc_object("dog", (5, 6, 20, 17))})), CLASSES).read("train")
    assert first.fingerprint() == second.fingerprint() != changed.fingerprint()
