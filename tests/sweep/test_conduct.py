"""Sweeps through the real command line: planned, each run a process, a folder, a W&B run and a row; nothing twice."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from command import SMOKE, TRAIN, yololab
from timing import patience
from yololab.run import claim
from yololab.run.claim import latest_claim
from yololab.run.owner import Owner
from yololab.run.status import State, Status


def options(root, *overrides):
    return ["-m", "experiment=smoke", "recipe.epochs=1", f"runtime.root={root}", *overrides]


def start(root, *overrides):
    """A sweep in a process of its own."""
    command = [sys.executable, str(TRAIN), *options(root, *overrides)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=patience(300))
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def sweep(root, *overrides):
    """A sweep whose controller is this process."""
    return yololab("train", *options(root, *overrides))


def attempts(study):
    return {run.name: latest_claim(run) for run in study.glob("r*") if run.is_dir()}


def test_every_run_has_its_folder_its_wandb_run_and_its_row_and_is_run_once(tmp_path):
    axes = ("attention=none,eca", "insert_pos=neck,all_heads", "seed=0")
    done = finish(start(tmp_path, *axes))
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


@pytest.mark.slow
def test_two_sweeps_at_once_run_each_run_once(tmp_path):
    axes = ("attention=none,eca", "seed=0,1", "tracker=none", "recipe.epochs=2")
    both = [finish(process) for process in [start(tmp_path, *axes), start(tmp_path, *axes)]]
    assert [done.returncode for done in both] == [0, 0], both[0].stderr[-1500:] + both[1].stderr[-1500:]
    study = tmp_path / "smoke"
    assert len(list(study.glob("*/results.json"))) == 4
    assert set(attempts(study).values()) == {1}


def test_a_run_whose_foreign_owner_is_gone_is_waited_for_once_and_run(tmp_path, monkeypatch):
    axes = ("seed=0", "tracker=none", "hydra.sweeper.retries=0")
    assert sweep(tmp_path, *axes).returncode == 0
    (results,) = tmp_path.glob("smoke/*/results.json")
    run = results.parent
    results.unlink()
    foreign = replace(Owner.this_process(), host="elsewhere", pid=1)
    (run / "claims" / "2").write_text(json.dumps(foreign.to_dict()))
    Status(State.RUNNING, attempt=2, owner=foreign, beats=7).write(run)
    monkeypatch.setattr(claim, "STALE_SECONDS", 3.0)  # of this process; that of the run would wait for a minute
    done = sweep(tmp_path, *axes)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("waiting for 1 runs under way elsewhere") == 1
    assert latest_claim(run) == 3
    assert "waiting up to a minute" not in (run / "log.txt").read_text()


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
    done = yololab("train", *SMOKE, f"runtime.root={tmp_path}", "plan=true")
    assert done.returncode == 2
    assert "plan=true plans a sweep: add -m" in done.stderr
    rerun = sweep(tmp_path, "tracker=none", "seed=0,1", "runtime.rerun=true")
    assert rerun.returncode == 2
    assert "it would forget finished runs whenever the command is given again" in " ".join(rerun.stderr.split())
    assert not list(tmp_path.glob("smoke/*"))


@pytest.mark.slow
def test_a_distributed_run_under_hydras_own_launcher_is_one_run(tmp_path):
    devices = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp", "hydra/launcher=basic")
    done = finish(start(tmp_path, "tracker=none", "seed=0", *devices))
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(list((tmp_path / "smoke").glob("*/results.json"))) == 1
