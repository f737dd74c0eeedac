from __future__ import annotations

import threading
import time

import pytest

from timing import patience
from yololab.run import session as session_module
from yololab.run.claim import take
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.owner import Owner
from yololab.run.session import Session
from yololab.run.status import State, Status, read_status


@pytest.fixture
def folder(tmp_path):
    made = RunFolder(tmp_path / "r0123456789")
    made.freeze(RunSpec({"seed": 0}, {"head": "detect"}, ["seed=0"]))
    return made


def test_an_owner_that_slept_lets_go_and_writes_nothing_more(folder, monkeypatch):
    monkeypatch.setattr(session_module, "BEAT_SECONDS", 0.05)
    asked = threading.Event()
    with Session(folder, take(folder.path, 0), lambda reason, may_save: asked.set()) as session:
        second = take(folder.path, 1)
        Status(State.RUNNING, attempt=second.number, owner=Owner.this_process(), epoch=7).write(folder.path)
        assert asked.wait(patience(5))
        assert session.lost
        session.progress(9, 9, 0.9)
        session.finish(State.DONE)
    assert read_status(folder.path).epoch == 7


def test_a_session_beats_counts_all_attempts_time_and_notices_that_its_sweep_is_gone(folder, monkeypatch):
    monkeypatch.setattr(session_module, "BEAT_SECONDS", 0.05)
    Status(State.INTERRUPTED, seconds=100.0, epoch=3, epochs=9).write(folder.path)
    asked = threading.Event()
    with Session(folder, take(folder.path, 0), lambda reason, may_save: asked.set(), lambda: True) as session:
        assert asked.wait(patience(5))
        first = read_status(folder.path)
        time.sleep(patience(0.3))
        second = read_status(folder.path)
        session.finish(State.INTERRUPTED)
    assert second.beats > first.beats
    assert second.seconds > 100
    assert (first.epoch, first.epochs) == (3, 9)
