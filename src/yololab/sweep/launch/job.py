"""One run on its way through this machine's processes: its process, its attempts, how it looks, how it ended."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

from yololab.run.claim import Watch, latest_claim
from yololab.run.folder import RunFolder
from yololab.run.status import State, Status
from yololab.sweep.launch.overview import RunProgress
from yololab.sweep.launch.slots import Slot
from yololab.sweep.launch.worker import heard, run_in_process


@dataclass
class Job:
    """One run on its way."""

    label: str
    folder: RunFolder
    attempts: int = 0
    not_before: float = 0.0
    foreign: bool = False
    """Somebody else runs it; wait for the outcome"""
    is_ended: bool = False
    process: ForkServerProcess | None = None
    slot: Slot | None = None
    """Given back when training is over: the next run prepares while this one writes its pictures"""
    began: float = 0.0
    asked_to_stop: float | None = None
    broken_limit: str | None = None
    error: dict[str, str] = field(default_factory=dict)
    """Why the last attempt failed, kept here too: a full disk takes nothing"""
    failed_as: State = State.FAILED
    told: dict[str, str] = field(default_factory=dict)
    """What the last process told before it ended"""
    _line: Connection | None = None
    last_progress: RunProgress | None = None
    """How it looked when it ended"""

    @property
    def is_running(self) -> bool:
        """Whether a process of ours runs it."""
        return self.process is not None

    def start(self, slot: Slot) -> None:
        """Fork a process that runs it on `slot`."""
        context = multiprocessing.get_context("forkserver")
        slot = replace(slot, threads=self.folder.threads() or slot.threads)  # as planned, however many run at once
        self._line, tells = context.Pipe(duplex=False)
        arguments = (str(self.folder.path.absolute()), slot.environment(), slot.threads, tells)
        self.process = context.Process(target=run_in_process, args=arguments, name=self.folder.name)
        with tells:
            self.process.start()
        self.error, self.told = {}, {}
        self.slot, self.began, self.asked_to_stop, self.broken_limit = slot, time.monotonic(), None, None
        self.attempts += 1

    def hang_up(self) -> None:
        """Keep what the ended process has told; a sweep has more runs than a process may have open files."""
        if self._line is not None:
            with self._line:
                self.told = heard(self._line)
            self._line = None

    def leave_to_others(self) -> None:
        """Somebody else has it: the attempt does not count."""
        self.foreign, self.attempts = True, self.attempts - 1

    def is_closing(self) -> bool:
        """Whether our process has finished training and only writes what is left."""
        status = self.folder.status()
        if self.process is None or status is None or status.owner is None or status.owner.pid != self.process.pid:
            return False  # an earlier attempt's status
        return status.closing and status.state is State.RUNNING

    def ask_to_stop(self) -> None:
        """Ask its process to save and stop; its helpers end with it."""
        if self.process is not None and self.process.pid is not None:
            self.asked_to_stop = time.monotonic()
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End its process and all its helpers."""
        if self.process is not None:
            signal_group(self.process.pid, signal.SIGKILL)

    def progress(self) -> RunProgress:
        """How it looks now."""
        if self.is_ended and self.last_progress is not None:
            return self.last_progress
        state = self._state()
        status = None if state is State.WAITING else self.folder.status()
        progress = RunProgress(self.folder.name, self.label, state, status)
        self.last_progress = progress if self.is_ended else None
        return progress

    def _state(self) -> State:
        if self.is_running:
            return State.RUNNING
        if self.is_ended:
            return self.folder.state(running=False)
        return State.ELSEWHERE if self.foreign else State.WAITING

    @property
    def reason(self) -> str:
        """Why the last attempt failed, in a line."""
        return (self.error.get("message") or "it left no message").splitlines()[0]

    def record_death(self, exit_code: int | None, watch: Watch) -> None:
        """Write the state of a run whose process could not do so itself; `error` says from here on why it failed."""
        found, told = self.folder.status(), dict(self.told)
        said = found is not None and found.state.is_failure and found.attempt == latest_claim(self.folder.path)
        is_same = found is not None and (found.error.get("message") or "").startswith(told.get("message", ""))
        if found is not None and said and is_same and self.broken_limit is None and (exit_code or 0) > 0:
            self.failed_as, self.error = found.state, found.error
            return
        from yololab.run.rank_errors import rank_error  # which takes Lightning with it

        log = self.folder.log_file
        if self.broken_limit:
            error = {"class": "LimitBroken", "message": self.broken_limit}
        elif exit_code is not None and exit_code < 0 and (of_rank := rank_error(self.folder.path)):
            error = of_rank  # Lightning kills the first rank when another one has failed
        elif exit_code is not None and exit_code < 0:
            name = signal.Signals(-exit_code).name
            hint = "; the machine may have run out of memory" if -exit_code == signal.SIGKILL else ""
            error = {"class": "Killed", "message": f"ended by {name}{hint}; see {log}"}
        else:
            error = told or {"class": "Exited", "message": f"exit status {exit_code} and no message; see {log}"}
        self.failed_as, self.error = State(error.pop("state", State.FAILED)), error
        self.record_end(self.failed_as, error, watch)

    def record_end(self, state: State, error: dict[str, str], watch: Watch) -> None:
        """Write `state` unless somebody holds the run."""
        if watch.holder(self.folder.path) is not None:
            return
        before = self.folder.status() or Status(state)
        attempt = latest_claim(self.folder.path)
        with contextlib.suppress(OSError):
            replace(before, state=state, closing=False, attempt=attempt, error=error).write(self.folder.path)


def signal_group(pid: int | None, number: int) -> None:
    """Send a signal to a process group that may be gone."""
    if pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
