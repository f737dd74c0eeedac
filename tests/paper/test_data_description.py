"""Which data of a study are described, and why the others are not."""

import dataclasses
import json

import pytest

from data.case import CLASSES, voc_object, write_voc
from paper.case import write_study
from yololab.config.compose import compose
from yololab.paper.data_description import describe_data
from yololab.run.folder import RunFolder, RunSpec
from yololab.study.records import read_records

pytest.importorskip("mlcroissant", reason="needs the extra croissant")


@pytest.fixture
def study(tmp_path):
    """A study whose first run was made on a Pascal VOC folder, and its record."""
    root = write_voc(tmp_path / "pets", {"a": voc_object("dog", (5, 6, 20, 16)), "b": voc_object("cat", (1, 1, 9, 9))})
    words = ["data=voc", f"data.root={root}", f"data.classes=[{','.join(CLASSES)}]", "model=yolov8"]
    study = write_study(tmp_path / "study")
    record = read_records(study)[0]
    config = compose(words)
    RunFolder(study / record.run_id).freeze(RunSpec(config, {}, words))
    from yololab.assemble import make_parts
    from yololab.data.splits import read_splits

    splits = read_splits(make_parts(config).source, None)
    science = {**record.science, "data": {"_target_": "yololab.data.VOCSource"}}
    choices = {**record.choices, "data": "voc"}
    changed = dataclasses.replace(
        record, choices=choices, science=science, data_fingerprint=splits.fingerprint, images={"train": 2, "val": 2}
    )
    return study, changed, root


def test_a_data_set_in_files_is_described(study, tmp_path):
    folder, record, _ = study
    files, remarks = describe_data(folder, [record], tmp_path)
    assert [path.name for path in files] == ["croissant_voc.json", "croissant_voc_objects.csv"]
    assert json.loads(files[0].read_text())["name"] == "voc"
    assert remarks == []


def test_data_that_changed_or_went_are_told(study, tmp_path):
    folder, record, root = study
    files, remarks = describe_data(folder, [dataclasses.replace(record, data_fingerprint="other")], tmp_path)
    assert not files
    assert remarks == [f"no Croissant of voc: the data have changed since run {record.run_id}"]
    (root / "ImageSets" / "Main" / "train.txt").unlink()
    files, remarks = describe_data(folder, [record], tmp_path)
    assert not files
    assert remarks[0].startswith("no Croissant of voc: ")


def test_made_scenes_are_passed_over(tmp_path):
    study = write_study(tmp_path / "study")
    made = [
        dataclasses.replace(record, science={"data": {"_target_": "yololab.data.ShapesSource"}})
        for record in read_records(study)
    ]
    assert describe_data(study, made, tmp_path) == ([], [])
