from __future__ import annotations

import pytest

from data.case import CLASSES, write_coco
from yololab.data import COCOSource
from yololab.data.sample import draw_mask
from yololab.errors import DataError


def kinds(data):
    return {problem.kind for problem in data.problems.problems}


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
