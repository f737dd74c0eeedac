"""What is done to a sweep: kills at every kind of moment, a full disk, no writing, a clock that jumps, two controllers.

After each, finished results are what they were and are not run again.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from crash.disk import MIB, Disk
from crash.harness import Sweep
from timing import patience

FILES = ("status.json", "results.json", "last.ckpt")
ROOM = 512 * MIB
ENDLESSLY = ["hydra.launcher.n_jobs=2", "hydra.launcher.retries=1000", "hydra.launcher.retry_backoff=0"]
"""The sweep goes on, however often its runs die"""


@dataclass
class Ordeal:
    """One sweep and what it has been through."""

    sweep: Sweep
    seed: int
    kills: int = 0
    caught: Counter[str] = field(default_factory=Counter)
    """Files that were being written when their writer was killed"""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._done: dict[str, bytes] = {}
        self._attempts: dict[str, int] = {}

    def check(self) -> None:
        """Assert that nothing finished has changed or run again."""
        now, counts = self.sweep.results(), self.sweep.attempts()
        for run, content in self._done.items():
            assert now[run] == content, f"{run}: a finished result changed"
            assert counts[run] == self._attempts[run], f"{run} ran after it was done"
        self._done, self._attempts = now, {run: counts[run] for run in now}

    def kill_writing(self, name: str) -> None:
        """Start it and kill everything while some process writes `name`."""
        self.sweep.start()
        caught = self.sweep.catch_writing(name) is not None
        self._kill("all")
        self.caught[name] += caught

    def kill_training(self, whom: str) -> None:
        """Start it and kill "all" of it or its "controller" soon after a run has begun."""
        self.sweep.start()
        self.sweep.wait_until_it_trains()
        time.sleep(self.chance.uniform(0, 1))
        self._kill(whom)

    def kill_at_random(self, whom: str, most: float = 15.0) -> None:
        """Start it and kill it at any moment from its first imports on."""
        self.sweep.start()
        end = time.monotonic() + self.chance.uniform(0.5, patience(most))
        while time.monotonic() < end and not self.sweep.is_over():
            time.sleep(0.02)
        self._kill(whom)

    def _kill(self, whom: str) -> None:
        assert not self.sweep.is_over(), "the sweep ended before it could be killed"
        self.sweep.kill(whom)
        self.kills += 1
        self.check()

    def kill_runs(self, count: int, between: float = 2.0) -> None:
        """Kill runs one by one under their living controller, a third of them while they write."""
        for _ in range(count):
            self.sweep.wait_until_it_trains()
            name = self.chance.choice([*FILES, *(None,) * 6])
            pid = self.sweep.catch_writing(name, 3) if name else None
            if pid is None:
                time.sleep(self.chance.uniform(0, between))
                pid = self._any_run()
            else:
                self.caught[str(name)] += 1
            assert not self.sweep.is_over(), "the sweep ended before its runs could be killed"
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.kills += 1
            self.check()

    def _any_run(self) -> int:
        deadline = time.monotonic() + patience(60)
        while time.monotonic() < deadline and not self.sweep.is_over():
            if runs := self.sweep.runs():
                return self.chance.choice(runs)
            time.sleep(0.02)
        raise AssertionError(f"no run began\n{self.sweep.log()[-2000:]}")

    def fill_disk(self, disk: Disk, failures: int = 3) -> None:
        """Under a living controller: let no checkpoint be written until some runs have failed, then make room."""
        self.sweep.wait_until_it_trains()
        before = self.sweep.log().count("cannot be written")
        disk.leave_free(MIB // 2)
        self._wait_for("cannot be written", before + failures)
        disk.resize(ROOM)
        self.check()

    def forbid_writing(self, disk: Disk) -> None:
        """Type the command where nothing can be written: it is refused with a reason, and nothing is lost."""
        before = len(self.sweep.log())
        disk.forbid_writing(True)
        code = self.sweep.finish()
        disk.forbid_writing(False)
        told = self.sweep.log()[before:]
        assert code != 0
        assert "Read-only file system" in told, told[-2000:]
        assert "Traceback" not in told, told[-2000:]
        self.check()

    def jump_clock(self, kills: int) -> None:
        """Run it under a clock that jumps by days, forwards and back, and kill runs meanwhile."""
        library, offset = fake_clock(), self.sweep.root.parent / "clock"
        offset.write_text("+0")
        real = self.sweep.environment
        self.sweep.environment = real | {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        days = set()
        self.sweep.start()
        for jump in ("+2d", "-3d", "+0"):
            self.sweep.wait_until_it_trains()
            offset.write_text(jump)
            time.sleep(1.5)
            self.kill_runs(kills // 3)
            days |= self.sweep.days()
        self._kill("all")
        self.sweep.environment = real
        assert len(days) >= 3, f"the clock did not jump: {sorted(days)}"

    def run_twice(self, kills: int) -> None:
        """Run it by two controllers at once, kill runs of either, then one controller, then all."""
        other = replace(self.sweep, token=f"{self.sweep.token}2", process=None)
        self.sweep.start()
        other.start()
        self.sweep.wait_until_it_trains()
        self.kill_runs(kills)
        assert not other.is_over(), other.log()[-2000:]
        other.kill("controller")
        self.kills += 1
        self.check()
        self._kill("all")

    def _wait_for(self, text: str, count: int) -> None:
        deadline = time.monotonic() + patience(120)
        while self.sweep.log().count(text) < count:
            assert time.monotonic() < deadline, f"{text!r} was not said\n{self.sweep.log()[-2000:]}"
            assert not self.sweep.is_over(), self.sweep.log()[-2000:]
            time.sleep(0.1)


def fake_clock() -> Path:
    """libfaketime; skips the test where it is not installed."""
    for pattern in ("lib*/faketime", "lib/*/faketime", "local/lib/faketime"):
        for path in Path("/usr").glob(f"{pattern}/libfaketimeMT.so.1"):
            return path
    pytest.skip("a clock that jumps needs libfaketime (Debian: apt install faketime)")
