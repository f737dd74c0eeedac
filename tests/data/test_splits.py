from __future__ import annotations

import shutil

import pytest

from data.case import CLASSES, voc_object, write_voc, write_yolo
from yololab.config.compose import compose
from yololab.data import VOCSource, YOLOSource
from yololab.data.splits import read_splits
from yololab.errors import ConfigError, DataError
from yololab.run.folder import RunSpec
from yololab.run.start import run

ROW = "0 0.5 0.5 0.5 0.5\n"
SMOKE = ["experiment=smoke", "runtime.progress=false"]


def smoke(root, *overrides):
    return run(RunSpec(compose([*SMOKE, f"runtime.root={root}", *overrides]), {}, []))


def test_segmentation_on_data_without_masks_is_refused(tmp_path, bccd):
    config = compose(["task=segment", "data=bccd", f"data.root={bccd}", f"runtime.root={tmp_path}", "scale=p"])
    with pytest.raises(DataError, match=r"task=segment needs a mask for every object; 205 of 205 images"):
        run(RunSpec(config, {}, []))


def test_fewer_classes_than_the_data_has_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="num_classes=2: the data has 3 classes"):
        smoke(tmp_path, "num_classes=2")


@pytest.mark.parametrize("way", ["the same files", "copies"])
def test_images_that_are_trained_on_and_judged_are_told_or_refused(tmp_path, way):
    """By their bytes, whatever their names."""
    root = write_yolo(tmp_path, {"a": ROW, "b": ROW})
    if way == "copies":
        (root / "val" / "images").mkdir(parents=True)
        (root / "val" / "labels").mkdir()
        for name in "ab":
            shutil.copy(root / "images" / f"{name}.jpg", root / "val" / "images" / f"z{name}.jpg")
            (root / "val" / "labels" / f"z{name}.txt").write_text(ROW)
        (root / "data.yaml").write_text("train: images\nval: val/images\nnames: [cat, dog]\n")
    splits = read_splits(YOLOSource(str(root)), None)
    assert splits.val.problems.counts() == {"image in two splits": 2}
    assert splits.train.problems.counts() == {"image twice": 1}  # a and b have the same pixels
    with pytest.raises(DataError, match=r"image in two splits: the same image as a.jpg of the train split"):
        read_splits(YOLOSource(str(root), on_error="refuse"), None)


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_split_without_any_object_is_refused_with_what_was_found_wrong(tmp_path, split):
    root = write_yolo(tmp_path, {"a": ROW, "b": "7 0.5 0.5 0.1 0.1\n"})
    other = "val" if split == "train" else "train"
    (root / "only_b.txt").write_text("images/b.jpg\n")
    (root / "data.yaml").write_text(f"{split}: only_b.txt\n{other}: images\nnames: [cat, dog]\n")
    with pytest.raises(DataError, match=rf"(?s)the {split} split has no object.*labels/b.txt:1: wrong class"):
        read_splits(YOLOSource(str(root)), None)


def test_objects_that_are_only_to_be_ignored_are_none(tmp_path):
    root = write_voc(tmp_path, {"a": voc_object("dog", (5, 6, 20, 16), difficult=1)})
    with pytest.raises(DataError, match="has no object"):
        read_splits(VOCSource(str(root), CLASSES), None)
