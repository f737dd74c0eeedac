"""What a machine deals out to runs."""

from __future__ import annotations

import pytest

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


def test_small_runs_share_a_gpu_where_that_is_asked_for(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    slots = make_slots(None, None, ("0", "1"), devices=1, cores=12, runs_per_gpu=3)
    assert [slot.gpus for slot in slots] == [("0",), ("1",)] * 3
    assert {slot.threads for slot in slots} == {2}
    assert len(make_slots(None, None, (), devices=1, cores=12, runs_per_gpu=3)) == 1


@pytest.mark.parametrize(("named", "gpus"), [("", ()), ("-1", ()), ("2", ("2",)), ("0,GPU-abc", ("0", "GPU-abc"))])
def test_gpus_are_those_that_the_sweep_may_see(named, gpus):
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": named}) == gpus
