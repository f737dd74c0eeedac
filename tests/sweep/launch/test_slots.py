"""What a machine deals out to runs, and what a run takes."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from rich.console import Console

from yololab.errors import ConfigError
from yololab.run.status import State, Status
from yololab.sweep.duration import duration
from yololab.sweep.launch.limits import GIB, group_memory
from yololab.sweep.launch.local import LocalOptions
from yololab.sweep.launch.overview import RunProgress, draw
from yololab.sweep.launch.slots import make_slots, visible_gpus


def test_every_gpu_has_a_run_and_cores_are_shared_out(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    slots = make_slots(None, None, ("0", "1", "2", "3"), devices=1, cores=16)
    assert [slot.gpus for slot in slots] == [("0",), ("1",), ("2",), ("3",)]
    assert {slot.threads for slot in slots} == {4}
    assert slots[2].environment()["CUDA_VISIBLE_DEVICES"] == "2"


def test_runs_of_two_devices_have_two_gpus_each_and_an_odd_one_is_left(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    slots = make_slots(None, None, ("0", "1", "2"), devices=2, cores=8)
    assert [slot.gpus for slot in slots] == [("0", "1")]


def test_without_gpus_there_is_one_run_with_all_cores_unless_asked(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert [slot.threads for slot in make_slots(None, None, (), devices=1, cores=8)] == [8]
    assert [slot.threads for slot in make_slots(3, None, (), devices=1, cores=8)] == [2, 2, 2]
    assert "CUDA_VISIBLE_DEVICES" not in make_slots(1, 1, (), 1, 8)[0].environment()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert [slot.threads for slot in make_slots(None, None, (), devices=1, cores=8)] == [1]


def test_more_runs_than_gpus_share_them_in_turn():
    assert [slot.gpus for slot in make_slots(3, 1, ("5", "7"), devices=1, cores=8)] == [("5",), ("7",), ("5",)]


@pytest.mark.parametrize(("named", "gpus"), [("", ()), ("-1", ()), ("2", ("2",)), ("0,GPU-abc", ("0", "GPU-abc"))])
def test_gpus_are_those_that_the_sweep_may_see(named, gpus):
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": named}) == gpus


def test_the_memory_of_a_run_is_that_of_its_whole_group():
    code = "import os, time; x = bytearray(300 << 20); os.fork(); print('ready', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert process.stdout.readline()
        time.sleep(0.2)
        # The child shares its parent's pages: they count once.
        assert 0.29 * GIB < group_memory(process.pid) < 0.45 * GIB
    finally:
        subprocess.run(["kill", "-9", "--", f"-{process.pid}"], check=True)
        process.wait()
    assert group_memory(process.pid) == 0


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"n_jobs": 0}, "hydra.launcher.n_jobs=0: expected a number of at least 1"),
        ({"retries": "many"}, "hydra.launcher.retries=many: expected a number of at least 0"),
        ({"time_limit": 0}, "hydra.launcher.time_limit=0: expected a number above 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(option, message):
    with pytest.raises(ConfigError, match=message):
        LocalOptions.default(**option)


def test_the_overview_shows_what_moves_first_and_says_what_it_hides():
    runs = [RunProgress(f"r{i}", f"seed={i}", State.WAITING, None) for i in range(40)]
    runs.append(RunProgress("r99", "seed=99", State.RUNNING, Status(State.RUNNING, epoch=3, epochs=6, mAP=0.25)))
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(draw(runs, remaining=600.0))
    text = console.export_text()
    assert text.splitlines()[0].split()[:3] == ["r99", "seed=99", "running"]
    assert "3/6" in text
    assert "mAP 0.250" in text
    assert "1 running, 40 waiting; 17 more not shown; about 10 min left" in text


def test_durations_are_told_in_the_unit_that_fits():
    assert [duration(s) for s in (4, 100, 9000, 200_000)] == ["4 s", "2 min", "2.5 h", "2.3 days"]
