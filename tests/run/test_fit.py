from __future__ import annotations

import csv
import json

import pytest
import torch

from yololab.config.compose import compose
from yololab.run.folder import RunSpec
from yololab.run.start import run
from yololab.training.module import DetectorModule

SMOKE = ["experiment=smoke", "runtime.progress=false"]


def smoke(root, *overrides):
    return run(RunSpec(compose([*SMOKE, f"runtime.root={root}", *overrides]), {}, []))


def folder_of(root, record):
    return root / record.study / record.run_id


def rows(folder):
    with (folder / "metrics.csv").open() as stream:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(stream)]


class Cut(Exception):
    """Stands for a kill."""


def test_a_cut_run_resumes_to_the_very_same_bits(tmp_path, monkeypatch):
    options = ["tracker=none", "recipe.epochs=4", "seed=5", "attention=cbam"]
    whole = smoke(tmp_path / "whole", *options)
    original = DetectorModule.on_train_epoch_start

    def cut(self):
        if self.current_epoch == 2:
            raise Cut
        original(self)

    monkeypatch.setattr(DetectorModule, "on_train_epoch_start", cut)
    with pytest.raises(Cut):
        smoke(tmp_path / "cut", *options)
    status = json.loads((tmp_path / "cut" / "smoke" / whole.run_id / "status.json").read_text())
    assert status["state"] == "failed"
    monkeypatch.undo()
    resumed = smoke(tmp_path / "cut", *options, "ckpt_path=last")
    assert resumed.run_id == whole.run_id
    assert resumed.metrics == whole.metrics
    folders = [folder_of(tmp_path / name, whole) for name in ("whole", "cut")]
    assert rows(folders[0]) == rows(folders[1])
    first, second = (torch.load(f / "checkpoints" / "last.ckpt", weights_only=True) for f in folders)
    assert first["state_dict"].keys() == second["state_dict"].keys()
    assert all(torch.equal(value, second["state_dict"][key]) for key, value in first["state_dict"].items())
    assert any(key.startswith("ema.model.") for key in first["state_dict"])


def test_the_last_epoch_counts_however_rarely_it_is_evaluated(tmp_path):
    options = ["tracker=none", "recipe.epochs=3"]
    every = smoke(tmp_path, *options)
    rarely = smoke(tmp_path, *options, "recipe.evaluation.every=2")
    assert rarely.run_id != every.run_id
    assert rarely.metrics == every.metrics
    assert ["val/mAP" in row for row in rarely.curve] == [False, True, False]
