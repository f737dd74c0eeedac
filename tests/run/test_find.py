from __future__ import annotations

import dataclasses

import pytest

from study.case import record
from yololab.assemble import build_detector
from yololab.config.compose import compose
from yololab.config.identity import science
from yololab.errors import YololabError
from yololab.run.find import config_of, find_run, find_study
from yololab.run.folder import RunFolder


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    folder = tmp_path / "runs" / "demo" / "r0123456789"
    folder.mkdir(parents=True)
    (folder / "config.yaml").touch()
    monkeypatch.chdir(tmp_path)


def test_a_study_is_found_by_its_name_and_by_its_path():
    assert find_study("demo").resolve() == find_study("runs/demo").resolve()
    with pytest.raises(YololabError, match=r"dmo: no such study folder; expected runs/<study>; did you mean 'demo'"):
        find_study("dmo")


def test_a_run_is_found_by_study_and_id_and_by_its_path():
    assert find_run("demo/r0123456789").name == find_run("runs/demo/r0123456789").name == "r0123456789"
    with pytest.raises(YololabError, match=r"no such run; expected <study>/<run id>; did you mean 'r0123456789'"):
        find_run("demo/r0123456788")


def test_a_run_is_found_by_its_id_alone_unless_studies_share_it(tmp_path):
    assert find_run("r0123456789").path.parent.name == "demo"
    for study in ("demo-rerun", "demo-rerun-2"):
        (tmp_path / "runs" / study / "r0123456789").mkdir(parents=True)
        (tmp_path / "runs" / study / "r0123456789" / "config.yaml").touch()
    assert find_run("r0123456789").path.parent.name == "demo"
    (tmp_path / "runs" / "other" / "r0123456789").mkdir(parents=True)
    with pytest.raises(YololabError, match="stands in several studies; say which: .*demo.*other"):
        find_run("r0123456789")


@pytest.mark.parametrize("name", ["demo", "runs/demo"])
def test_a_study_in_the_place_of_a_run_is_told_as_such(name):
    with pytest.raises(YololabError, match=rf"{name}: a study.*name one of its runs: {name}/<run id>"):
        find_run(name)


def test_a_record_alone_gives_the_configuration_of_its_data_and_no_key_of_other_data(tmp_path):
    """The measured fault: VOCSource got an unexpected keyword argument 'size', which embedded scenes have."""
    voc = {"_target_": "yololab.data.VOCSource", "classes": ["RBC"], "train": "train", "val": "val", "on_error": "drop"}
    one = dataclasses.replace(record(science={"data": voc}), choices={"data": "bccd"})
    config = config_of(RunFolder(tmp_path / "nothing"), one)
    assert config["data"] == {**voc, "root": config["data"]["root"], "test": "test", "final": "val"}
    unknown = dataclasses.replace(one, choices={"data": "of_mine"})
    assert "size" not in config_of(RunFolder(tmp_path / "nothing"), unknown)["data"]


@pytest.mark.parametrize("model", ["yolov6", "yolov9_t", "yolox", "yolov3_tiny", "yolo26", "yolov10"])
def test_a_record_alone_gives_its_own_graph_and_loss(model, tmp_path):
    """The measured fault: nodes and gains of YOLOv8 were merged into those of other families."""
    config = compose([f"model={model}", "num_classes=3"])
    one = record(science=science(config))
    found = config_of(RunFolder(tmp_path / "nothing"), one)
    assert found["loss"] == config["loss"]
    assert build_detector(found, 3).fingerprint == build_detector(config, 3).fingerprint
