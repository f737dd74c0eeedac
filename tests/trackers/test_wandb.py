from __future__ import annotations

import math
import os

import pytest

from yololab.trackers.base import TrackedRun
from yololab.trackers.wandb import WandbTracker

OFFLINE = {"mode": "offline", "project": "yololab", "entity": None}


@pytest.mark.parametrize("ending", ["finish", "abandon"])
def test_a_run_is_one_offline_run_of_its_own_id_and_is_closed(tmp_path, monkeypatch, ending):
    import wandb

    monkeypatch.delenv("WANDB_SWEEP_ID", raising=False)
    tracker = WandbTracker(TrackedRun("r0123456789", "demo", tmp_path, {"seed": 0}), **OFFLINE)
    assert tracker.external_id == "r0123456789"
    assert wandb.run is not None
    if ending == "finish":
        tracker.finish({"mAP": 0.5}, [])
    else:
        tracker.abandon()
    assert wandb.run is None
    (file,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    assert file.name == "run-r0123456789.wandb"
    assert os.environ["WANDB_SILENT"] == "true"


def test_an_agent_of_a_sweep_names_its_run(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_SWEEP_ID", "s")
    monkeypatch.setenv("WANDB_RUN_ID", "given")
    tracker = WandbTracker(TrackedRun("r0", "demo", tmp_path, {}), **OFFLINE)
    assert tracker.external_id == "given"
    tracker.abandon()


def test_scores_are_logged_in_percent_and_losses_as_they_are(tmp_path, monkeypatch):
    monkeypatch.delenv("WANDB_SWEEP_ID", raising=False)
    tracker = WandbTracker(TrackedRun("r0123456789", "demo", tmp_path, {}), **OFFLINE)
    logged = {}
    monkeypatch.setattr(type(tracker.logger.experiment), "log", lambda self, content, **_: logged.update(content))
    tracker.logger.log_metrics({"val/mAP": 0.25, "val/mask_mAP50": 0.5, "val/loss": 0.25, "train/box": 2.0}, 1)
    tracker.logger.log_metrics({"val/mAP_large": math.nan}, 2)
    monkeypatch.undo()
    tracker.abandon()
    shown = {name: value for name, value in logged.items() if "/" in name and name != "trainer/global_step"}
    assert shown == {"val/mAP": 25.0, "val/mask_mAP50": 50.0, "val/loss": 0.25, "train/box": 2.0}
