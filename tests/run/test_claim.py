"""One process at a time, whatever dies, sleeps or sets its clock back."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from timing import patience
from yololab.run import claim as claim_module
from yololab.run.claim import Watch, latest_claim, owner_of, take, wait_until_free
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.owner import Owner
from yololab.run.session import Session
from yololab.run.status import State, Status


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
    assert wins.get(timeout=patience(5))
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


def test_a_foreign_owner_is_judged_by_its_heartbeat_never_by_a_clock(folder):
    foreign = replace(Owner.this_process(), host="elsewhere", pid=1)
    (folder.path / "claims").mkdir()
    (folder.path / "claims" / "1").write_text(json.dumps(foreign.to_dict()))
    beating = Status(State.RUNNING, attempt=1, owner=foreign, heartbeat="1999-01-01T00:00:00+0000", beats=1)
    stale = patience(0.5)
    watch = Watch(stale_seconds=stale)
    for beats in range(4):  # a clock of 1999 does not matter while the number rises
        replace(beating, beats=beats).write(folder.path)
        assert watch.holder(folder.path) == foreign
        time.sleep(0.2)
    time.sleep(stale + 0.1)
    assert watch.holder(folder.path) is None


def test_one_process_alone_finds_out_that_a_foreign_owner_is_gone(folder, monkeypatch):
    foreign = replace(Owner.this_process(), host="elsewhere", pid=1)
    (folder.path / "claims").mkdir()
    (folder.path / "claims" / "1").write_text(json.dumps(foreign.to_dict()))
    Status(State.RUNNING, attempt=1, owner=foreign, beats=7).write(folder.path)
    monkeypatch.setattr(claim_module, "BEAT_SECONDS", 0.2)
    assert wait_until_free(folder.path, Watch(stale_seconds=0.3)) is None


def claimed_from_elsewhere(folder, beats=7):
    foreign = replace(Owner.this_process(), host="elsewhere", pid=1)
    (folder.path / "claims").mkdir(exist_ok=True)
    (folder.path / "claims" / "1").write_text(json.dumps(foreign.to_dict()))
    running = Status(State.RUNNING, attempt=1, owner=foreign, beats=beats)
    running.write(folder.path)
    return running


def test_what_one_found_out_by_waiting_the_next_knows_at_once(folder):
    claimed_from_elsewhere(folder)
    first = Watch(stale_seconds=0.2, leaves_word=True)
    assert first.holder(folder.path) is not None
    assert Watch(stale_seconds=1e9).holder(folder.path) is not None
    time.sleep(0.3)
    assert first.holder(folder.path) is None
    assert Watch(stale_seconds=1e9).holder(folder.path) is None


def test_an_owner_that_was_only_asleep_holds_its_run_with_its_next_beat(folder):
    running = claimed_from_elsewhere(folder)
    first = Watch(stale_seconds=0.0, leaves_word=True)
    first.holder(folder.path)
    assert first.holder(folder.path) is None
    replace(running, beats=8).write(folder.path)
    assert first.holder(folder.path) is not None
    assert Watch(stale_seconds=1e9).holder(folder.path) is not None


def test_who_only_looks_leaves_no_word(folder):
    claimed_from_elsewhere(folder)
    reader = Watch(stale_seconds=0.0)
    reader.holder(folder.path)
    assert reader.holder(folder.path) is None
    assert [path.name for path in (folder.path / "claims").iterdir()] == ["1"]


@pytest.mark.parametrize("word", ["", "{", '"7"', "[7]", "8"])
def test_a_word_that_says_something_else_says_nothing(folder, word):
    claimed_from_elsewhere(folder)
    (folder.path / "claims" / "1.silent").write_text(word)
    assert Watch(stale_seconds=1e9).holder(folder.path) is not None


def test_one_process_alone_finds_out_that_a_foreign_owner_lives(folder, monkeypatch):
    foreign = replace(Owner.this_process(), host="elsewhere", pid=1)
    (folder.path / "claims").mkdir()
    (folder.path / "claims" / "1").write_text(json.dumps(foreign.to_dict()))
    running = Status(State.RUNNING, attempt=1, owner=foreign, beats=7)
    running.write(folder.path)
    monkeypatch.setattr(claim_module, "BEAT_SECONDS", 1.0)
    ended = threading.Event()

    def beat():
        for beats in itertools.count(8):
            replace(running, beats=beats).write(folder.path)
            if ended.wait(0.1):
                return

    thread = threading.Thread(target=beat)
    thread.start()
    found = wait_until_free(folder.path, Watch(stale_seconds=patience(30)))
    ended.set()
    thread.join()
    assert found == foreign


def test_a_finished_attempt_holds_nothing(folder):
    claim = take(folder.path, 0)
    with Session(folder, claim, pytest.fail) as session:
        assert Watch().holder(folder.path) is not None
        session.finish(State.INTERRUPTED, message="SIGTERM")
    assert Watch().holder(folder.path) is None
    assert take(folder.path, 0) is None
    assert take(folder.path, 1).number == 2


def test_a_file_system_without_hard_links_still_has_one_winner(folder, monkeypatch):
    def refuse(*_):
        raise OSError(95, "not supported")

    monkeypatch.setattr(os, "link", refuse)
    assert take(folder.path, 0).number == 1
    assert take(folder.path, 0) is None
    assert owner_of(folder.path, 1) == Owner.this_process()
