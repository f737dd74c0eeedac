"""One process at a time, whatever dies, sleeps or sets its clock back."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from yololab.run import claim as claim_module
from yololab.run import session as session_module
from yololab.run.claim import Watch, latest_claim, owner_of, take, wait_until_free
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.owner import Owner
from yololab.run.session import Session
from yololab.run.status import State, Status, read_status


@pytest.fixture
def folder(tmp_path):
    made = RunFolder(tmp_path / "r0123456789")
    made.freeze(RunSpec({"seed": 0}, {"head": "detect"}, ["seed=0"]))
    return made


def claim_it(path, barrier, wins):
    barrier.wait()
    if take(path, 0) is not None:
        wins.put(os.getpid())


def test_of_many_processes_that_claim_at_once_one_wins(folder):
    context = multiprocessing.get_context("fork")
    barrier, wins = context.Barrier(8), context.Queue()
    processes = [context.Process(target=claim_it, args=(folder.path, barrier, wins)) for _ in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert wins.get(timeout=5)
    assert wins.empty()
    assert latest_claim(folder.path) == 1
    assert not list(folder.path.rglob("*.tmp"))


def gone_owner():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return replace(Owner.this_process(), pid=process.pid, started="1")


def test_a_live_owner_on_this_machine_holds_and_a_dead_one_does_not(folder):
    assert Watch().holder(folder.path) is None
    take(folder.path, 0)
    assert Watch().holder(folder.path) == Owner.this_process()
    (folder.path / "claims" / "2").write_text(json.dumps(gone_owner().to_dict()))
    assert Watch().holder(folder.path) is None
    assert folder.state(running=False) == "interrupted"


def test_a_process_number_used_again_is_not_mistaken_for_the_owner(folder):
    another_start = replace(Owner.this_process(), started="1")
    (folder.path / "claims").mkdir()
    (folder.path / "claims" / "1").write_text(json.dumps(another_start.to_dict()))
    assert Watch().holder(folder.path) is None


def test_a_foreign_owner_is_judged_by_its_heartbeat_never_by_a_clock(folder):
    foreign = replace(Owner.this_process(), host="elsewhere", pid=1)
    (folder.path / "claims").mkdir()
    (folder.path / "claims" / "1").write_text(json.dumps(foreign.to_dict()))
    beating = Status(State.RUNNING, attempt=1, owner=foreign, heartbeat="1999-01-01T00:00:00+0000", beats=1)
    watch = Watch(stale_seconds=0.3)
    for beats in range(4):  # a clock of 1999 does not matter while the number rises
        replace(beating, beats=beats).write(folder.path)
        assert watch.holder(folder.path) == foreign
        time.sleep(0.2)
    time.sleep(0.4)
    assert watch.holder(folder.path) is None


def test_one_process_alone_finds_out_that_a_foreign_owner_is_gone(folder, monkeypatch):
    foreign = replace(Owner.this_process(), host="elsewhere", pid=1)
    (folder.path / "claims").mkdir()
    (folder.path / "claims" / "1").write_text(json.dumps(foreign.to_dict()))
    Status(State.RUNNING, attempt=1, owner=foreign, beats=7).write(folder.path)
    monkeypatch.setattr(claim_module, "BEAT_SECONDS", 0.2)
    assert wait_until_free(folder.path, Watch(stale_seconds=0.3)) is None


def test_one_process_alone_finds_out_that_a_foreign_owner_lives(folder, monkeypatch):
    foreign = replace(Owner.this_process(), host="elsewhere", pid=1)
    (folder.path / "claims").mkdir()
    (folder.path / "claims" / "1").write_text(json.dumps(foreign.to_dict()))
    running = Status(State.RUNNING, attempt=1, owner=foreign, beats=7)
    running.write(folder.path)
    monkeypatch.setattr(claim_module, "BEAT_SECONDS", 1.0)
    beat = threading.Timer(0.1, lambda: replace(running, beats=8).write(folder.path))
    beat.start()
    assert wait_until_free(folder.path, Watch(stale_seconds=30)) == foreign


def test_a_finished_attempt_holds_nothing(folder):
    claim = take(folder.path, 0)
    with Session(folder, claim, pytest.fail) as session:
        assert Watch().holder(folder.path) is not None
        session.finish(State.INTERRUPTED, message="SIGTERM")
    assert Watch().holder(folder.path) is None
    assert take(folder.path, 0) is None
    assert take(folder.path, 1).number == 2


def test_an_owner_that_slept_lets_go_and_writes_nothing_more(folder, monkeypatch):
    monkeypatch.setattr(session_module, "BEAT_SECONDS", 0.05)
    asked = threading.Event()
    with Session(folder, take(folder.path, 0), lambda reason, may_save: asked.set()) as session:
        second = take(folder.path, 1)
        Status(State.RUNNING, attempt=second.number, owner=Owner.this_process(), epoch=7).write(folder.path)
        assert asked.wait(5)
        assert session.lost
        session.progress(9, 9, 0.9)
        session.finish(State.DONE)
    assert read_status(folder.path).epoch == 7


def test_a_session_beats_counts_all_attempts_time_and_notices_that_its_sweep_is_gone(folder, monkeypatch):
    monkeypatch.setattr(session_module, "BEAT_SECONDS", 0.05)
    Status(State.INTERRUPTED, seconds=100.0, epoch=3, epochs=9).write(folder.path)
    asked = threading.Event()
    with Session(folder, take(folder.path, 0), lambda reason, may_save: asked.set(), lambda: True) as session:
        assert asked.wait(5)
        first = read_status(folder.path)
        time.sleep(0.3)
        second = read_status(folder.path)
        session.finish(State.INTERRUPTED)
    assert second.beats > first.beats
    assert second.seconds > 100
    assert (first.epoch, first.epochs) == (3, 9)


@pytest.mark.parametrize("damage", ["", "{", '{"state": "odd"}', "[]", '{"state": "running", "owner": 3}'])
def test_a_damaged_status_file_is_no_state_and_no_hindrance(folder, damage):
    take(folder.path, 0)
    Status(State.RUNNING, attempt=1, owner=gone_owner()).write(folder.path)
    (folder.path / "claims" / "1").write_text(json.dumps(gone_owner().to_dict()))
    (folder.path / "status.json").write_text(damage)
    assert Watch().holder(folder.path) is None
    assert folder.state(running=False) == "interrupted"


def test_a_file_system_without_hard_links_still_has_one_winner(folder, monkeypatch):
    def refuse(*_):
        raise OSError(95, "not supported")

    monkeypatch.setattr(os, "link", refuse)
    assert take(folder.path, 0).number == 1
    assert take(folder.path, 0) is None
    assert owner_of(folder.path, 1) == Owner.this_process()
