"""Layouts of VOC data; Roboflow's export has a folder a split with images and annotations side by side."""

from __future__ import annotations

import pytest

from data.case import voc_object, write_image, write_voc
from yololab.data import VOCSource
from yololab.data.voc_layout import Devkit, SplitFolders, layout_of
from yololab.errors import DataError
from yololab.survey.guess import guess_data


def annotated(image, xml, objects):
    write_image(image)
    xml.parent.mkdir(parents=True, exist_ok=True)
    xml.write_text(f"<annotation>\n{objects}</annotation>\n")


def roboflow(root, inner="{split}/{name}.xml", image="{split}/{name}.jpg"):
    boxes = {
        "train": {"a": voc_object("dog", (5, 6, 20, 16)), "b": ""},
        "valid": {"c": voc_object("cat", (1, 1, 9, 9))},
    }
    for split, images in boxes.items():
        for name, objects in images.items():
            annotated(root / image.format(split=split, name=name), root / inner.format(split=split, name=name), objects)
    return root


@pytest.mark.parametrize(
    ("xml", "image"),
    [
        ("{split}/{name}.xml", "{split}/{name}.jpg"),
        ("{split}/annotations/{name}.xml", "{split}/images/{name}.jpg"),
        ("{split}/Annotations/{name}.XML", "{split}/{name}.jpg"),
    ],
)
def test_a_folder_a_split_is_read_as_it_comes(tmp_path, xml, image):
    roboflow(tmp_path, xml, image)
    source = VOCSource(str(tmp_path), one_based=False)
    train, val = source.read("train"), source.read("val")
    assert source.classes == ("dog",)
    assert [record.name for record in train.records] == ["a", "b"]
    assert train.records[0].boxes_xyxy.tolist() == [[5, 6, 20, 16]]
    assert len(train.records[1]) == 0
    assert val.problems.counts()["wrong class"] == 1, "cats are in no training annotation"
    assert guess_data(tmp_path) == "voc"


def test_the_devkit_goes_before_folders_that_happen_to_be_called_train(tmp_path):
    assert isinstance(layout_of(roboflow(tmp_path / "b")), SplitFolders)
    assert isinstance(layout_of(write_voc(roboflow(tmp_path / "a"), {"x": ""})), Devkit)


def test_a_split_without_a_folder_is_told_with_those_that_there_are(tmp_path):
    with pytest.raises(DataError, match=r"no folder of the test split; folders there: train, valid; write data.test="):
        VOCSource(str(roboflow(tmp_path)), test="testing", final="test").read("test")


def test_a_test_folder_may_have_any_name(tmp_path):
    roboflow(tmp_path)
    annotated(tmp_path / "held" / "z.jpg", tmp_path / "held" / "z.xml", voc_object("dog", (1, 1, 9, 9)))
    source = VOCSource(str(tmp_path), test="held", final="test")
    assert [record.name for record in source.read("test").records] == ["z"]
