"""A study that is killed again and again, without room, without a clock, ends as if nothing had happened."""

from __future__ import annotations

import json

import pytest

from crash.disk import small_disk
from crash.harness import Sweep
from crash.ordeal import ENDLESSLY, FILES, ROOM, Ordeal

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
LONG = [*LEARNABLE, "runtime.threads=1", "recipe.epochs=80", "attention=none,eca", "seed=0,1,2,3"]
CHECKPOINTS = "checkpoint.minutes=0"


def assert_undisturbed(battered: Sweep, quiet: Sweep) -> None:
    assert battered.finish() == 0, battered.log()[-3000:]
    assert quiet.finish_here() == 0, quiet.log()[-3000:]
    assert battered.tables() == quiet.tables()
    assert battered.curves() == quiet.curves()
    assert all(row["mAP"] > 0 for row in json.loads(quiet.tables()["table.json"])["rows"])
    assert battered.leftovers() == []


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    return Sweep(tmp_path_factory.mktemp("quiet") / "runs", SHORT)


@pytest.mark.crash
def test_a_sweep_killed_while_it_writes_ends_with_the_same_table_and_curves(tmp_path, quiet):
    ordeal = Ordeal(Sweep(tmp_path / "runs", [*SHORT, CHECKPOINTS]), seed=0)
    ordeal.kill_writing("last.ckpt")
    ordeal.kill_training("controller")
    assert ordeal.caught["last.ckpt"]
    assert_undisturbed(ordeal.sweep, quiet)


@pytest.mark.crash
def test_runs_killed_under_their_controller_on_a_disk_without_room_end_so_too(tmp_path, quiet):
    with small_disk(tmp_path / "disk", ROOM) as disk:
        ordeal = Ordeal(Sweep(disk.path, [*SHORT, CHECKPOINTS, *ENDLESSLY]), seed=1)
        ordeal.sweep.start()
        ordeal.kill_runs(3)
        ordeal.fill_disk(disk, failures=1)
        ordeal.sweep.kill("all")
        ordeal.forbid_writing(disk)
        assert_undisturbed(ordeal.sweep, quiet)


@pytest.mark.crash
def test_a_clock_that_jumps_changes_nothing(tmp_path, quiet):
    ordeal = Ordeal(Sweep(tmp_path / "runs", [*SHORT, CHECKPOINTS, *ENDLESSLY]), seed=2)
    ordeal.jump_clock(kills=3)
    assert_undisturbed(ordeal.sweep, quiet)


@pytest.mark.crash
def test_two_controllers_end_so_too(tmp_path, quiet):
    ordeal = Ordeal(Sweep(tmp_path / "runs", [*SHORT, CHECKPOINTS, *ENDLESSLY]), seed=3)
    ordeal.run_twice(kills=2)
    assert_undisturbed(ordeal.sweep, quiet)


@pytest.mark.crash
def test_two_hundred_kills_and_everything_else_leave_the_table_of_an_undisturbed_sweep(tmp_path):
    with small_disk(tmp_path / "disk", ROOM) as disk:
        ordeal = Ordeal(Sweep(disk.path, [*LONG, CHECKPOINTS, *ENDLESSLY]), seed=7)
        for name in FILES:
            for _ in range(4):
                ordeal.kill_writing(name)
        for whom in ["all"] * 10 + ["controller"] * 5:
            ordeal.kill_at_random(whom)
        ordeal.run_twice(kills=15)
        ordeal.jump_clock(kills=15)
        ordeal.forbid_writing(disk)
        ordeal.sweep.start()
        ordeal.kill_runs(20)
        ordeal.fill_disk(disk)
        while ordeal.kills < 200:
            ordeal.kill_runs(1)
        ordeal.sweep.kill("all")
        print(f"\n{ordeal.kills} kills, in the middle of writing: {dict(ordeal.caught)}")
        assert set(ordeal.caught) == set(FILES), "no kill came in the middle of writing some file"
        assert_undisturbed(ordeal.sweep, Sweep(tmp_path / "quiet", LONG))
        attempts = ordeal.sweep.attempts()
        print(f"{sum(attempts.values())} attempts at {len(attempts)} runs")
        assert ordeal.sweep.finish() == 0
        assert ordeal.sweep.attempts() == attempts, "a finished sweep ran something"
