from __future__ import annotations

import os
from dataclasses import replace

import cv2
import numpy as np
import pytest

from yololab.trackers.offline import offline_runs
from yololab.trackers.study import TrackedStudy
from yololab.trackers.wandb import WandbTracker
from yololab.trackers.wandb_study import study_run_id

OFFLINE = {"mode": "offline", "project": "yololab", "entity": None}


def study_in(folder, cell="50.0 ± 1.0"):
    table = folder / "table.md"
    table.write_text(cell)
    lines = [["none", cell], ["eca", "51.0 ± 1.0"]]
    return TrackedStudy(
        "my study", folder, ["attention", "mAP"], lines, ["a note"], "power: 2 rows", files=[table], run_ids=["r1"]
    )


def test_a_study_is_a_run_of_its_own_with_an_artifact_that_lies_in_its_folder(tmp_path, monkeypatch):
    import wandb

    monkeypatch.setenv("WANDB_DATA_DIR", "/before")
    logged = {}
    monkeypatch.setattr(wandb.Run, "log", lambda self, content, **_: logged.update(content))
    WandbTracker.finish_study(study_in(tmp_path), **OFFLINE)
    assert logged["table"].columns == ["attention", "mAP"]
    assert logged["table"].data[0] == ["none", "50.0 ± 1.0"]
    assert list((tmp_path / "wandb" / "staged").rglob("*")), "the artifact waits in the study's folder"
    (run,) = offline_runs([tmp_path])
    assert run.folders[0].name.endswith(study_run_id(study_in(tmp_path)))
    assert os.environ["WANDB_DATA_DIR"] == "/before"


def test_the_report_and_the_figure_are_shown_and_every_format_is_kept(tmp_path, monkeypatch):
    import wandb

    figures = [tmp_path / f"figure.{kind}" for kind in ("png", "svg", "pdf")]
    cv2.imwrite(str(figures[0]), np.zeros((4, 4, 3), np.uint8))
    for path in figures[1:]:
        path.write_text("<svg/>")
    page = tmp_path / "report.html"
    page.write_text("<!doctype html><p>answers")
    logged, kept = {}, []
    monkeypatch.setattr(wandb.Run, "log", lambda self, content, **_: logged.update(content))
    monkeypatch.setattr(wandb.Artifact, "add_file", lambda self, path, name: kept.append(name))
    WandbTracker.finish_study(replace(study_in(tmp_path), figures=figures, page=page), **OFFLINE)
    assert isinstance(logged["figure"], wandb.Image)
    assert isinstance(logged["report"], wandb.Html)
    assert kept == ["table.md", "figure.png", "figure.svg", "figure.pdf", "report.html"]


def test_one_table_is_written_once_and_another_one_is_another_run(tmp_path):
    WandbTracker.finish_study(study_in(tmp_path), **OFFLINE)
    WandbTracker.finish_study(study_in(tmp_path), **OFFLINE)
    assert len(offline_runs([tmp_path])) == 1
    WandbTracker.finish_study(study_in(tmp_path, "49.0 ± 1.0"), **OFFLINE)
    assert len(offline_runs([tmp_path])) == 2


@pytest.mark.parametrize("name", ["a/b c", "ü", ""])
def test_any_name_of_a_study_gives_an_id_that_wandb_takes(tmp_path, name):
    study = study_in(tmp_path)
    found = study_run_id(TrackedStudy(name, tmp_path, study.headings, study.lines, [], ""))
    assert found.startswith("study-")
    assert not set(found) & set(' /\\:?#%"')
