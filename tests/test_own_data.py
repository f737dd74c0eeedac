"""A student's own data: classes are found, nothing is trained on nothing, three formats are one data set."""

from __future__ import annotations

import pytest

from data.case import voc_object, write_voc, write_yolo, written_thrice
from yololab.config.compose import compose
from yololab.data import VOCSource, YOLOSource
from yololab.data.splits import read_splits
from yololab.errors import DataError
from yololab.run.folder import RunSpec
from yololab.run.start import run

CAT, DOG = voc_object("cat", (5, 6, 20, 16)), voc_object("dog", (1, 2, 9, 12))


def test_classes_of_voc_are_what_training_annotations_name_in_order(tmp_path):
    source = VOCSource(str(write_voc(tmp_path, {"a": DOG + CAT, "b": CAT})))
    assert source.num_classes == 2
    assert source.classes == ("cat", "dog")
    assert source.read("train").records[0].labels.tolist() == [1, 0]


def test_voc_without_any_name_says_so(tmp_path):
    with pytest.raises(DataError, match=r"no annotation in .*Annotations names a class"):
        VOCSource(str(write_voc(tmp_path, {"a": ""}))).read("train")


def test_classes_that_match_nothing_are_refused_with_those_that_would(tmp_path):
    source = VOCSource(str(write_voc(tmp_path, {"a": DOG + CAT, "b": CAT})), ["person", "car"])
    with pytest.raises(DataError) as error:
        read_splits(source, None)
    assert "the train split has no object in any of its images; 0 usable boxes of 3; the files contain cat" in str(
        error.value
    )
    assert "the files contain cat, dog; write 'data.classes=[cat,dog]', or data.classes=[] for all" in str(error.value)


@pytest.mark.parametrize("labels", [{"a": "", "b": ""}, {"a": "7 0.5 0.5 0.1 0.1"}])
def test_yolo_without_a_usable_box_is_refused(tmp_path, labels):
    with pytest.raises(DataError, match=r"the train split has no object in any of its images; 0 usable boxes of \d"):
        read_splits(YOLOSource(str(write_yolo(tmp_path, labels))), None)


def test_six_decimals_and_whole_pixels_overhang_nothing(tmp_path):
    root = write_yolo(tmp_path, {"a": "0 0.500001 0.5 1.000000 1.0\n1 0.1 0.1 0.2125 0.2", "b": "0 0.95 0.5 0.2 0.5"})
    data = YOLOSource(str(root)).read("train")
    assert data.problems.counts() == {"overhanging": 1}
    assert max(record.boxes_xyxy.max() for record in data.records) <= 40


def test_one_class_and_images_of_background_are_data(tmp_path):
    root = write_yolo(tmp_path, {"a": "0 0.5 0.5 0.3 0.3", "b": ""})
    (root / "data.yaml").write_text("train: images\nval: images\nnames: [cell]\n")
    splits = read_splits(YOLOSource(str(root)), None)
    assert splits.summary() == "train 2 images, 1 boxes; val 2 images, 1 boxes; 1 class: cell"


def test_the_same_files_in_three_formats_are_the_same_run(tmp_path):
    losses = {}
    for name, root in written_thrice(tmp_path).items():
        options = [f"data={name}", f"data.root={root}", *(["data.one_based=false"] if name == "voc" else [])]
        smoke = ["model=yolov8", "scale=p", "recipe=tiny", "image_size=64", "recipe.epochs=2", "recipe.batch_size=8"]
        given = [*smoke, *options, "tracker=none", "runtime.progress=false", f"runtime.root={tmp_path / 'runs'}"]
        record = run(RunSpec(compose(given), {}, []))
        assert record.data_problems == {"train": {}, "val": {}}
        losses[name] = [row["train/loss"] for row in record.curve] + [row["val/loss"] for row in record.curve]
    assert losses["voc"] == losses["coco"]
    assert losses["yolo"] == pytest.approx(losses["coco"], rel=2e-3), "six decimals are a hundredth of a pixel"
