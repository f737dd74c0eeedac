"""Asked to stop while it validates or tests, a run stops after that batch, and goes on to the same numbers."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

import pytest

from yololab.config.compose import compose
from yololab.run import fit
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.start import run, run_planned
from yololab.training.module import DetectorModule
from yololab.training.stop import Interrupted

BATCHES = 3
SPLITS = ["data.val=40", "data.test=40", "data.final=test"]
"""In batches of twice 8"""


def smoke(root, *overrides):
    given = ["experiment=smoke", "runtime.progress=false", "tracker=none", "recipe.epochs=3", *SPLITS, *overrides]
    return run(RunSpec(compose([*given, f"runtime.root={root}"]), {}, []))


@pytest.fixture(scope="module", params=[1, 2], ids=["every epoch", "every second epoch"])
def whole(request, tmp_path_factory):
    every = f"recipe.evaluation.every={request.param}"
    return every, smoke(tmp_path_factory.mktemp("whole"), every)


def stop_in(monkeypatch, split, number):
    """Send SIGTERM in the batch `number` of those that are evaluated on `split`, counted over the run."""
    original, seen = getattr(DetectorModule, f"{split}_step"), []

    def step(self, batch, batch_idx):
        seen.append(batch_idx)
        if len(seen) == number + 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(self, batch, batch_idx)

    monkeypatch.setattr(DetectorModule, f"{split}_step", step)
    return seen


def without_times(record):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in record.curve]


IN_VALIDATION = [("validation", number) for number in (0, 1, BATCHES - 1, BATCHES, BATCHES + 1, 2 * BATCHES - 1)]
IN_TEST = [("test", 0), ("test", BATCHES - 1)]


@pytest.mark.parametrize(("split", "number"), [*IN_VALIDATION, *IN_TEST])
def test_a_run_that_is_stopped_in_an_evaluation_goes_on_to_the_same_numbers(
    tmp_path, monkeypatch, whole, split, number
):
    every, expected = whole
    with monkeypatch.context() as patch:
        seen = stop_in(patch, split, number)
        with pytest.raises(Interrupted, match="SIGTERM"):
            smoke(tmp_path, every)
    assert len(seen) == number + 1, "no batch more"
    folder = RunFolder(tmp_path / "smoke" / expected.run_id)
    assert folder.status().state == "interrupted"
    resumed = run_planned(folder)
    assert resumed.metrics == expected.metrics
    assert resumed.validation == expected.validation
    assert without_times(resumed) == without_times(expected)


def test_a_pruned_run_that_is_stopped_in_its_test_trains_no_further(tmp_path, monkeypatch):
    pruner = SimpleNamespace(name="stub", is_hopeless=lambda epoch, score: True)
    monkeypatch.setattr(fit, "make_pruner", lambda name, folder: pruner)
    expected = smoke(tmp_path / "whole")
    assert expected.pruned["epochs"] == 1
    with monkeypatch.context() as patch:
        stop_in(patch, "test", 1)
        with pytest.raises(Interrupted, match="SIGTERM"):
            smoke(tmp_path / "cut")
    resumed = run_planned(RunFolder(tmp_path / "cut" / "smoke" / expected.run_id))
    assert resumed.pruned == expected.pruned
    assert resumed.metrics == expected.metrics
    assert without_times(resumed) == without_times(expected)
