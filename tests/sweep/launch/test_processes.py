"""Runs that fail, die, last too long or have several devices, each a process of its own."""

from __future__ import annotations

import json
import re

from command import yololab
from timing import patience
from yololab.run.claim import latest_claim


def options(root, *overrides):
    return ["-m", "experiment=smoke", "recipe.epochs=1", f"runtime.root={root}", *overrides]


def sweep(root, *overrides):
    """A sweep whose controller is this process."""
    return yololab("train", *options(root, *overrides))


def attempts(study):
    return {run.name: latest_claim(run) for run in study.glob("r*") if run.is_dir()}


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
    monkeypatch.syspath_prepend(tmp_path)
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
    part = own_part(tmp_path, monkeypatch, "import time; time.sleep(3600)")
    limit = round(patience(12) / 60, 2)
    done = sweep(tmp_path, *part, f"hydra.launcher.time_limit={limit}", "hydra.launcher.grace=1")
    assert done.returncode == 1
    assert f"over its time limit of {limit:g} minutes" in done.stderr
    assert len(list((tmp_path / "smoke").glob("*/results.json"))) == 1


def test_a_run_over_its_memory_limit_is_killed_and_stops_no_other(tmp_path, monkeypatch):
    part = own_part(tmp_path, monkeypatch, "import time; taken = bytearray(3 << 30); time.sleep(3600)")
    done = sweep(tmp_path, *part, "hydra.launcher.memory_limit=2.5")
    assert done.returncode == 1
    assert "over its memory limit of 2.5 GiB" in done.stderr
    study = tmp_path / "smoke"
    (good,) = study.glob("*/results.json")
    (bad,) = [run for run in study.glob("r*") if run != good.parent]
    status = json.loads((bad / "status.json").read_text())
    assert (status["state"], status["error"]["class"]) == ("failed", "LimitBroken")


def test_a_run_may_train_on_several_devices(tmp_path):
    devices = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    done = sweep(tmp_path, "tracker=none", "seed=0,1", *devices, "hydra.launcher.n_jobs=2")
    assert done.returncode == 0, done.stderr[-3000:]
    study = tmp_path / "smoke"
    assert len(list(study.glob("*/results.json"))) == 2
    assert set(attempts(study).values()) == {1}, "the ranks ran their run, not the sweep"


def test_a_diverged_run_is_tried_once_and_the_sweep_ends_with_an_error(tmp_path):
    recipe = ("tracker=none", "recipe.optimizer=sgd", "recipe.warmup_epochs=0", "recipe.lr=1e30,0.01")
    done = sweep(tmp_path, *recipe, "hydra.launcher.retries=3")
    assert done.returncode == 1
    study = tmp_path / "smoke"
    (good,) = study.glob("*/results.json")
    (bad,) = [run for run in study.glob("r*") if run != good.parent]
    assert attempts(study) == {good.parent.name: 1, bad.name: 1}
    assert json.loads((bad / "status.json").read_text())["state"] == "diverged"
    assert (bad / "diverged" / "batch.json").is_file()
    for told in (done.stdout, done.stderr, (study / "table.md").read_text()):
        assert re.search(r"epoch 1, batch \d of \w+: the [\w. ]+ is (nan|inf)", " ".join(told.split()))
    status = yololab("status", str(study))
    assert "diverged" in status.stdout


def test_ranks_that_diverge_end_together_and_say_which_batch(tmp_path):
    devices = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    recipe = ("tracker=none", "recipe.optimizer=sgd", "recipe.warmup_epochs=0", "recipe.lr=1e30")
    done = sweep(tmp_path, *devices, *recipe)
    assert done.returncode == 1
    (bad,) = (tmp_path / "smoke").glob("r*")
    assert json.loads((bad / "status.json").read_text())["state"] == "diverged"
    assert "diverged on another rank" in done.stderr or "is nan" in done.stderr or "is inf" in done.stderr
    assert list(bad.glob("diverged*/batch.safetensors"))
