"""Two ranks on the CPU through the real command line."""

from __future__ import annotations

import json
import subprocess
import sys

from command import TRAIN
from timing import patience


def test_two_ranks_train_one_run_in_one_folder(tmp_path):
    options = [
        "trainer.accelerator=cpu",
        "trainer.devices=2",
        "trainer.strategy=ddp",
        "tracker=none",
        "recipe.epochs=1",
    ]
    command = [sys.executable, str(TRAIN), "experiment=smoke", f"runtime.root={tmp_path}", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience(300))
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("done in") == 1
    (results,) = (tmp_path / "smoke").glob("*/results.json")
    record = json.loads(results.read_text())
    assert len(record["curve"]) == 1
    assert 0 <= record["metrics"]["mAP"] <= 1
