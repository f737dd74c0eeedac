"""Croissant: checked and read back by mlcroissant itself."""

import json

import pytest

from data.case import CLASSES, voc_object, write_voc
from yololab.data import ShapesSource, VOCSource
from yololab.data.croissant import write_croissant
from yololab.errors import DataError

mlc = pytest.importorskip("mlcroissant", reason="needs the extra croissant")


def test_what_is_written_is_valid_and_gives_every_object_back(tmp_path):
    objects = voc_object("dog", (5, 6, 20, 16)) + voc_object("cat", (1, 1, 9, 9), difficult=1)
    source = VOCSource(str(write_voc(tmp_path / "pets", {"a": objects})), CLASSES)
    splits = {split: source.read(split) for split in ("train", "val")}
    path, table = write_croissant(tmp_path / "pets.json", "pets", splits)
    found = mlc.Dataset(str(path))
    assert not found.metadata.issues.errors
    rows = [
        {key.removeprefix("objects/"): text(value) for key, value in one.items()} for one in found.records("objects")
    ]
    assert [row["split"] for row in rows] == ["train"] * 2 + ["val"] * 2
    assert rows[0] | {"split": ""} == {"split": "", "image": "a.jpg", "label": "dog", "crowd": 0,
                                       "xmin": 5, "ymin": 6, "xmax": 20, "ymax": 16}  # fmt: skip
    assert rows[1]["crowd"] == 1
    assert [text(one["classes/name"]) for one in found.records("classes")] == list(splits["train"].classes)
    (images,) = [one for one in json.loads(path.read_text())["distribution"] if one["@id"] == "images"]
    assert images["includes"] == "*.jpg"
    assert table.read_text().count("\n") == 5


def test_made_scenes_have_no_files_to_describe(tmp_path):
    with pytest.raises(DataError, match="expected data=voc, yolo or coco"):
        write_croissant(tmp_path / "x.json", "x", {"train": ShapesSource(train=2).read("train")})
    assert not list(tmp_path.iterdir())


def text(value):
    return value.decode() if isinstance(value, bytes) else value
