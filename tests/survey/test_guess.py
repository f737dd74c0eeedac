from __future__ import annotations

import json

import pytest

from yololab.errors import DataError
from yololab.survey.guess import guess_data


def test_each_format_is_told_by_what_lies_there(tmp_path):
    yolo, voc, coco = (tmp_path / name for name in ("yolo", "voc", "coco"))
    yolo.mkdir()
    (yolo / "data.yaml").write_text("names: [a]\n")
    for name in ("Annotations", "ImageSets"):
        (voc / name).mkdir(parents=True)
    (coco / "annotations").mkdir(parents=True)
    (coco / "annotations" / "instances_train2017.json").write_text(json.dumps({}))
    assert [guess_data(path) for path in (yolo, yolo / "data.yaml", voc, coco)] == ["yolo", "yolo", "voc", "coco"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such folder"),
        ([], "it holds nothing. Looked for data.yaml"),
        (["images/a.jpg"], "it holds images"),
        (["coco128.yaml"], "no data.yaml, but coco128.yaml"),
    ],
)
def test_what_is_no_data_set_is_told_with_what_was_looked_for(tmp_path, content, message):
    root = tmp_path / "root"
    for name in content or ():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    if content == []:
        root.mkdir()
    with pytest.raises(DataError, match=message):
        guess_data(root)


def test_a_file_that_is_no_yaml_is_told(tmp_path):
    (tmp_path / "a.zip").write_text("")
    with pytest.raises(DataError, match=r"a file that is no data.yaml"):
        guess_data(tmp_path / "a.zip")
