"""A study that is killed again and again ends as if nothing had happened."""

from __future__ import annotations

import json
import random

import pytest

from crash.harness import Sweep, batter

FILES = ("status.json", "results.json", "last.ckpt")
LEARNABLE = [
    "tracker=none",
    "recipe.lr=0.004",
    "recipe.augment={mosaic: 0, mixup: 0}",
    "data.train=64",
    "data.classes=[disc,bar]",
    "data.max_objects=1",
    "data.object_scale=[0.5,0.8]",
    "data.difficulty=0",
]
"""Scenes so easy that the smallest model finds something within seconds: a table of zeros would prove nothing."""
SHORT = [*LEARNABLE, "runtime.threads=1", "recipe.epochs=6", "attention=none,eca", "seed=0"]
LONG = [*LEARNABLE, "runtime.threads=1", "recipe.epochs=40", "attention=none,eca", "seed=0,1,2,3"]
CHECKPOINTS = "checkpoint.minutes=0"


def assert_undisturbed(battered: Sweep, quiet: Sweep) -> None:
    assert battered.finish() == 0, (battered.root / "sweep.log").read_text()[-3000:]
    assert quiet.finish_here() == 0, (quiet.root / "sweep.log").read_text()[-3000:]
    assert battered.tables() == quiet.tables()
    assert all(row["mAP"] > 0 for row in json.loads(quiet.tables()["table.json"])["rows"])
    assert battered.leftovers() == []


def test_a_sweep_killed_while_it_writes_finishes_with_the_same_table(tmp_path):
    battered = Sweep(tmp_path / "battered", [*SHORT, CHECKPOINTS])
    hit = batter(battered, [("last.ckpt", "all"), ("training", "controller")], seed=0)
    assert "last.ckpt" in hit
    assert_undisturbed(battered, Sweep(tmp_path / "quiet", SHORT))


@pytest.mark.crash
def test_twenty_five_kills_leave_the_table_of_an_undisturbed_sweep(tmp_path):
    chance = random.Random(7)
    kills = [(name, "all") for name in FILES for _ in range(4)]
    kills += [("random", "all")] * 8 + [("random", "controller")] * 3 + [("random", "runs")] * 2
    chance.shuffle(kills)
    assert len(kills) == 25
    battered = Sweep(tmp_path / "battered", [*LONG, CHECKPOINTS])
    hit = batter(battered, kills, seed=1)
    assert set(hit) == set(FILES), "no kill came in the middle of writing some file"
    assert_undisturbed(battered, Sweep(tmp_path / "quiet", LONG))
    attempts = battered.attempts()
    assert battered.finish() == 0
    assert battered.attempts() == attempts, "a finished sweep ran something"
