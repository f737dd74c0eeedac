from __future__ import annotations

import json

import pytest

from data.case import write_image
from yololab.config.compose import compose
from yololab.data import COCOSource, coco
from yololab.data.coco_json import read_coco_json
from yololab.data.coco_places import NAMES, find_annotations
from yololab.errors import ConfigError, DataError

LAYOUTS = {
    "COCO 2017": ("annotations/instances_{}2017.json", "{}2017", ("train", "val")),
    "ultralytics": ("annotations/instances_{}2017.json", "images/{}2017", ("train", "val")),
    "Roboflow": ("{}/_annotations.coco.json", "{}", ("train", "valid")),
    "CVAT": ("annotations/instances_{}.json", "images/{}", ("Train", "Validation")),
    "CVAT, one folder of images": ("annotations/instances_{}.json", "images", ("train", "val")),
    "files beside": ("{}.json", "{}", ("train", "val")),
    "MMDetection": ("annotations/{}.json", "{}", ("train", "val")),
}


def write(root, annotation_file, folder, name):
    image = f"{name}.jpg"
    write_image(root / folder / image)
    content = {
        "images": [{"id": 1, "file_name": image, "width": 40, "height": 30}],
        "categories": [{"id": 9, "name": "dog"}, {"id": 7, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 9, "bbox": [5, 6, 15, 10]}],
    }
    (root / annotation_file).parent.mkdir(parents=True, exist_ok=True)
    (root / annotation_file).write_text(json.dumps(content))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_data_sets_are_read_as_they_come(tmp_path, layout):
    annotations, folder, names = LAYOUTS[layout]
    for name in names:
        write(tmp_path, annotations.format(name), folder.format(name), name)
    source = COCOSource(str(tmp_path))
    assert source.num_classes == 2
    for split, name in zip(("train", "val"), names, strict=True):
        (record,) = source.read(split).records
        assert record.name == f"{name}.jpg"
        assert record.boxes_xyxy.tolist() == [[5, 6, 20, 16]]
        assert record.labels.tolist() == [1], "classes are in the order of ids"


def test_the_configuration_names_nothing(tmp_path):
    data = compose(["data=coco", f"data.root={tmp_path}"])["data"]
    assert data["train"] is data["val"] is None
    assert data["classes"] == []


def test_what_is_not_found_is_said_with_what_is_there(tmp_path):
    write(tmp_path, "labels/mine.json", "pictures", "a")
    with pytest.raises(DataError, match=r"the train split by a usual name; JSON files there: labels/mine.json. Write"):
        COCOSource(str(tmp_path)).read("train")
    given = COCOSource(str(tmp_path), ("labels/mine.json", "pictures"), ("labels/mine.json", "pictures"))
    assert len(given.read("train").records) == 1


def test_a_test_split_is_found_where_there_is_one(tmp_path):
    write(tmp_path, "train.json", "train", "a")
    with pytest.raises(ConfigError, match="names no test split"):
        COCOSource(str(tmp_path), final="test").read("test")
    write(tmp_path, "test.json", "test", "b")
    assert len(COCOSource(str(tmp_path), final="test").read("test").records) == 1


@pytest.mark.parametrize("split", NAMES)
def test_an_empty_folder_has_no_annotations(tmp_path, split):
    assert find_annotations(tmp_path, split) is None


def test_a_file_that_told_the_classes_is_not_read_again(tmp_path, monkeypatch):
    for name in ("train", "val"):
        write(tmp_path, f"{name}.json", name, name)
    seen = []
    monkeypatch.setattr(coco, "read_coco_json", lambda path: seen.append(path.name) or read_coco_json(path))
    source = COCOSource(str(tmp_path))
    assert source.num_classes == 2
    source.read("train")
    source.read("val")
    assert seen == ["train.json", "val.json"]
