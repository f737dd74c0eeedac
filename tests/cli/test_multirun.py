"""Sweeps through the real command line: planned, each run a process, a folder, a W&B run and a row; nothing twice."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from yololab.run.claim import latest_claim

TRAIN = Path(__file__).parents[2] / "train.py"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def start(root, *overrides):
    options = ["-m", "experiment=smoke", "recipe.epochs=1", f"runtime.root={root}", *overrides]
    return subprocess.Popen(
        [sys.executable, str(TRAIN), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


def finish(process):
    out, err = process.communicate(timeout=280)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def sweep(root, *overrides):
    return finish(start(root, *overrides))


def attempts(study):
    return {run.name: latest_claim(run) for run in study.glob("r*") if run.is_dir()}


def test_every_run_has_its_folder_its_wandb_run_and_its_row_and_is_run_once(tmp_path):
    axes = ("attention=none,eca", "insert_pos=neck,all_heads", "seed=0")
    done = sweep(tmp_path, *axes)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "4 runs in" in done.stdout
    assert "3 new, 1 duplicate" in done.stdout
    study = tmp_path / "smoke"
    runs = sorted(path.parent for path in study.glob("*/results.json"))
    assert len(runs) == 3
    for folder in runs:
        (file,) = folder.glob("wandb/offline-run-*/*.wandb")
        assert file.name == f"run-{folder.name}.wandb"
        assert "epoch 1/1" in (folder / "log.txt").read_text()
    rows = list(csv.DictReader((study / "table.csv").open()))
    assert sorted((row["attention"], row["insert_pos"]) for row in rows) == [
        ("eca", "all_heads"),
        ("eca", "neck"),
        ("none", "all_heads"),
        ("none", "neck"),
    ]
    same = [row["runs"] for row in rows if row["attention"] == "none"]
    assert same[0] == same[1], "attention=none at two positions is one run, shown at both"
    table, once = (study / "table.json").read_bytes(), attempts(study)
    again = sweep(tmp_path, *axes)
    assert again.returncode == 0
    assert "3 done, 1 duplicate" in again.stdout
    assert attempts(study) == once
    assert (study / "table.json").read_bytes() == table


def test_a_run_that_cannot_be_built_refuses_the_sweep_before_anything_runs(tmp_path):
    places = "insert_pos.after=[backbone.nowhere],[backbone.stage5]"
    done = sweep(tmp_path, "attention=eca", places, "tracker=none")
    assert done.returncode == 2
    assert "1 of 2 runs cannot be built, so nothing was started" in done.stderr
    assert "'backbone.nowhere' matches nothing" in done.stderr
    assert not (tmp_path / "smoke").exists()


FAILING = """
import os, signal
from yololab.attention import ECA

class Breaks(ECA):
    def forward(self, x):
        if self.training and x.device.type == "cpu":
            {how}
        return super().forward(x)
"""


def own_part(tmp_path, monkeypatch, how):
    (tmp_path / "breaking.py").write_text(FAILING.format(how=how))
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", str(tmp_path))
    return ["tracker=none", "attention=eca", "attention._target_=yololab.attention.ECA,breaking.Breaks"]


def test_a_failed_run_stops_no_other_and_the_end_lists_it_with_the_command_that_retries(tmp_path, monkeypatch):
    part = own_part(tmp_path, monkeypatch, "raise RuntimeError('broken on purpose')")
    done = sweep(tmp_path, *part)
    assert done.returncode == 1
    study = tmp_path / "smoke"
    (good,) = study.glob("*/results.json")
    (bad,) = [run for run in study.glob("r*") if run != good.parent]
    status = json.loads((bad / "status.json").read_text())
    assert status["state"] == "failed"
    assert status["error"]["class"] == "RuntimeError"
    assert "broken on purpose" in (bad / status["error"]["traceback"]).read_text()
    assert "1 of 2 runs is not done:" in done.stderr
    assert "RuntimeError: broken on purpose" in done.stderr
    assert f"yololab retry {study}" in done.stderr


def test_a_killed_run_is_recorded_and_tried_again_as_often_as_asked(tmp_path, monkeypatch):
    part = own_part(tmp_path, monkeypatch, "os.kill(os.getpid(), signal.SIGKILL)")
    done = sweep(tmp_path, *part, "hydra.launcher.retries=1", "hydra.launcher.retry_backoff=0.1")
    assert done.returncode == 1
    study = tmp_path / "smoke"
    (good,) = study.glob("*/results.json")
    (bad,) = [run for run in study.glob("r*") if run != good.parent]
    status = json.loads((bad / "status.json").read_text())
    assert (status["state"], status["error"]["class"]) == ("failed", "Killed")
    assert "ended by SIGKILL" in done.stderr
    assert attempts(study) == {good.parent.name: 1, bad.name: 2}


def test_a_run_over_its_time_limit_is_stopped(tmp_path, monkeypatch):
    part = own_part(tmp_path, monkeypatch, "import time; time.sleep(60)")
    done = sweep(tmp_path, *part, "hydra.launcher.time_limit=0.25", "hydra.launcher.grace=1")
    assert done.returncode == 1
    assert "over its time limit of 0.25 minutes" in done.stderr
    assert len(list((tmp_path / "smoke").glob("*/results.json"))) == 1


def test_two_sweeps_at_once_run_each_run_once(tmp_path):
    axes = ("attention=none,eca", "seed=0,1", "tracker=none", "recipe.epochs=2")
    both = [finish(process) for process in [start(tmp_path, *axes), start(tmp_path, *axes)]]
    assert [done.returncode for done in both] == [0, 0], both[0].stderr[-1500:] + both[1].stderr[-1500:]
    study = tmp_path / "smoke"
    assert len(list(study.glob("*/results.json"))) == 4
    assert set(attempts(study).values()) == {1}


def test_a_run_may_train_on_several_devices(tmp_path):
    devices = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    done = sweep(tmp_path, "tracker=none", "seed=0,1", *devices)
    assert done.returncode == 0, done.stderr[-3000:]
    study = tmp_path / "smoke"
    assert len(list(study.glob("*/results.json"))) == 2
    assert set(attempts(study).values()) == {1}, "the ranks ran their run, not the sweep"


def test_hydras_own_launcher_runs_the_same_plan(tmp_path):
    done = sweep(tmp_path, "tracker=none", "seed=0,1", "hydra/launcher=basic")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(list((tmp_path / "smoke").glob("*/results.json"))) == 2


def test_plan_true_runs_nothing(tmp_path):
    done = sweep(tmp_path, "tracker=none", "seed=0,1", "plan=true")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "2 runs in" in done.stdout
    assert not (tmp_path / "smoke").exists()


def test_what_only_a_sweep_understands_is_not_ignored_elsewhere(tmp_path):
    command = [sys.executable, str(TRAIN), "experiment=smoke", f"runtime.root={tmp_path}", "plan=true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 2
    assert "plan=true plans a sweep: add -m" in done.stderr
    rerun = sweep(tmp_path, "tracker=none", "seed=0,1", "runtime.rerun=true")
    assert rerun.returncode == 2
    assert "it would forget finished runs whenever the command is given again" in " ".join(rerun.stderr.split())
    assert not list(tmp_path.glob("smoke/*"))


def test_a_distributed_run_under_hydras_own_launcher_is_one_run(tmp_path):
    devices = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp", "hydra/launcher=basic")
    done = sweep(tmp_path, "tracker=none", "seed=0", *devices)
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(list((tmp_path / "smoke").glob("*/results.json"))) == 1
