"""Sweeps through the real command line: a run folder, a W&B run and a row for every cell; a failed cell stops none."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

TRAIN = Path(__file__).parents[2] / "train.py"


def sweep(root, *overrides):
    options = ["-m", "experiment=smoke", "recipe.epochs=1", f"runtime.root={root}", *overrides]
    return subprocess.run(
        [sys.executable, str(TRAIN), *options], capture_output=True, text=True, check=False, timeout=280
    )


def test_every_cell_has_its_folder_its_wandb_run_and_its_row(tmp_path):
    done = sweep(tmp_path, "attention=none,eca", "seed=0,1")
    assert done.returncode == 0, done.stderr[-2000:]
    study = tmp_path / "smoke"
    runs = sorted(path.parent for path in study.glob("*/results.json"))
    assert len(runs) == 4
    for folder in runs:
        (file,) = folder.glob("wandb/offline-run-*/*.wandb")
        assert file.name == f"run-{folder.name}.wandb"
    rows = list(csv.DictReader((study / "table.csv").open()))
    assert [(row["attention"], row["seeds"]) for row in rows] == [("none", "0 1"), ("eca", "0 1")]
    assert "Study smoke" in done.stdout
    again = sweep(tmp_path, "attention=none,eca", "seed=0,1")
    assert again.stdout.count("is done; runtime.rerun=true would run it again") == 4


def test_a_failed_cell_is_listed_and_stops_no_other(tmp_path):
    places = "insert_pos.after=[backbone.nowhere],[backbone.stage5]"
    done = sweep(tmp_path, "attention=eca", places, "tracker=none")
    assert done.returncode == 1
    assert len(list((tmp_path / "smoke").glob("*/results.json"))) == 1
    assert "1 cell failed; the same command runs what is not done" in done.stderr
    assert "'backbone.nowhere' matches nothing" in done.stderr
