"""Running cells on this machine: a process each, so many at a time, watched, limited, retried, stopped together."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType

from yololab.files import is_alive
from yololab.study.claim import Watch, latest_claim
from yololab.study.folder import RunFolder
from yololab.study.status import State, Status
from yololab.sweep.cell import DONE, HELD, INTERRUPTED
from yololab.sweep.outcome import SweepInterrupted
from yololab.sweep.overview import Overview, Sight
from yololab.sweep.slots import Slot
from yololab.sweep.worker import PRELOAD, run_cell

POLL_SECONDS = 0.1
SHOW_SECONDS = 1.0
FOREIGN_SECONDS = 2.0
GIB = 2**30


@dataclass(frozen=True)
class Limits:
    """What a cell may use and how often it may try."""

    retries: int = 0
    retry_backoff: float = 10.0
    """Seconds before the first retry, doubled for each further one"""
    time_limit: float | None = None
    """Minutes of an attempt"""
    memory_limit: float | None = None
    """GiB of all processes of the cell"""
    grace: float = 60.0
    """Seconds between asking a cell to stop and killing it"""


@dataclass
class Job:
    """One cell on its way."""

    label: str
    folder: RunFolder
    attempts: int = 0
    not_before: float = 0.0
    foreign: bool = False
    """Somebody else runs it; wait for the outcome"""
    over: bool = False
    process: ForkServerProcess | None = None
    slot: Slot | None = None
    """Given back when training is over: the next cell prepares while this one writes its pictures"""
    began: float = 0.0
    asked_to_stop: float | None = None
    broke: str | None = None
    """The limit that it broke"""
    sight: Sight | None = None
    """How it looked when it was over"""

    @property
    def running(self) -> bool:
        """Whether a process of ours runs it."""
        return self.process is not None


def start_server() -> None:
    """Start the fork server, which imports everything in the background; cells then start in a fraction of a second."""
    from multiprocessing import forkserver

    multiprocessing.get_context("forkserver").set_forkserver_preload([PRELOAD])
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    forkserver.ensure_running()


@dataclass
class Processes:
    """Runs jobs on the slots of this machine."""

    slots: Sequence[Slot]
    limits: Limits
    overview: Overview
    watch: Watch = field(default_factory=Watch)
    _stop_signal: int | None = None
    _said: bool = False
    _shown: float = 0.0

    def run(self, jobs: Sequence[Job]) -> None:
        """Run all jobs to their end. SweepInterrupted where it was asked to stop; states are in the folders."""
        free = list(self.slots)
        start_server()
        with self._signals(), self.overview:
            try:
                while self._open(jobs):
                    self._start(jobs, free)
                    self._wait(jobs)
                    self._give_back_slots(jobs, free)
                    self._collect(jobs, free)
                    self._keep_limits(jobs)
                    self._show(jobs)
            finally:
                self._kill_all(jobs)
        if self._stop_signal is not None:
            raise SweepInterrupted(signal.Signals(self._stop_signal).name)

    def _open(self, jobs: Sequence[Job]) -> bool:
        if self._stop_signal is not None:
            return any(job.running for job in jobs)
        return not all(job.over for job in jobs)

    def _start(self, jobs: Sequence[Job], free: list[Slot]) -> None:
        if self._stop_signal is not None:
            return
        now = time.monotonic()
        for job in jobs:
            if job.over or job.running or now < job.not_before or not (free or job.foreign):
                continue
            self._look(job, now)
            if not job.over and not job.foreign and free:
                self._launch(job, free.pop(0))

    def _look(self, job: Job, now: float) -> None:
        """Whether the cell is done already, or run by somebody else."""
        if job.folder.record() is not None:
            job.over = True
            return
        job.foreign = self.watch.holder(job.folder.path) is not None
        job.not_before = now + FOREIGN_SECONDS if job.foreign else now

    def _launch(self, job: Job, slot: Slot) -> None:
        context = multiprocessing.get_context("forkserver")
        arguments = (str(job.folder.path.absolute()), slot.environment(), slot.threads)
        job.process = context.Process(target=run_cell, args=arguments, name=job.folder.name)
        job.process.start()
        job.slot, job.began, job.asked_to_stop, job.broke = slot, time.monotonic(), None, None
        job.attempts += 1
        self.overview.say(f"{job.folder.name} started: {job.label}")

    def _wait(self, jobs: Sequence[Job]) -> None:
        sentinels = [job.process.sentinel for job in jobs if job.process is not None]
        if sentinels:
            wait(sentinels, timeout=POLL_SECONDS)
        else:
            time.sleep(POLL_SECONDS)

    def _give_back_slots(self, jobs: Sequence[Job], free: list[Slot]) -> None:
        for job in jobs:
            if job.process is not None and job.slot is not None:
                status = job.folder.status()
                if status is None or status.owner is None or status.owner.pid != job.process.pid:
                    continue  # an earlier attempt's word
                if status.closing and status.state == "running":
                    free.append(job.slot)
                    job.slot = None

    def _show(self, jobs: Sequence[Job]) -> None:
        if self.overview.is_live and time.monotonic() - self._shown > SHOW_SECONDS:
            self._shown = time.monotonic()
            self.overview.show([_sight(job) for job in jobs])

    def _collect(self, jobs: Sequence[Job], free: list[Slot]) -> None:
        for job in jobs:
            process = job.process
            if process is None or process.is_alive():
                continue
            status = process.exitcode
            if status != DONE and process.pid is not None and not is_alive(process.pid):
                _signal_group(process.pid, signal.SIGKILL)  # loaders and ranks that outlived it
            process.close()
            if job.slot is not None:
                free.append(job.slot)
            job.process = job.slot = None
            self._judge(job, status)

    def _judge(self, job: Job, status: int | None) -> None:
        """Decide what follows from how a process ended."""
        if status != DONE and self.watch.holder(job.folder.path) is not None:
            job.foreign, job.attempts = True, job.attempts - 1
            return
        if job.folder.record() is not None:
            job.over = True
            self.overview.say(f"{job.folder.name} done: {job.label}{_score(job.folder.status())}")
            return
        if self._stop_signal is not None:
            job.over = True
            return
        if status == HELD:  # somebody ran it and has let go meanwhile
            job.foreign, job.attempts = True, job.attempts - 1
            return
        if status == INTERRUPTED and job.broke is None:
            job.over = True
            self.overview.say(f"{job.folder.name} interrupted: {job.label}")
            return
        self._note_death(job, status)
        if job.attempts <= self.limits.retries:
            pause = self.limits.retry_backoff * 2 ** (job.attempts - 1)
            job.not_before = time.monotonic() + pause
            self.overview.say(f"{job.folder.name} failed ({_reason(job.folder)}); again in {pause:.0f} s")
        else:
            job.over = True
            self.overview.say(f"{job.folder.name} failed: {job.label}: {_reason(job.folder)}")

    def _note_death(self, job: Job, status: int | None) -> None:
        """Write the state of a cell that could not do so itself."""
        found = job.folder.status()
        own_word = found is not None and found.state == "failed" and found.attempt == latest_claim(job.folder.path)
        if own_word and job.broke is None and (status or 0) > 0:
            return
        if job.broke:
            error = {"class": "LimitBroken", "message": job.broke}
        elif status is not None and status < 0:
            name = signal.Signals(-status).name
            hint = "; the machine may have run out of memory" if -status == signal.SIGKILL else ""
            error = {"class": "Killed", "message": f"ended by {name}{hint}; see {job.folder.log_file}"}
        else:
            error = {"class": "Exited", "message": f"exit status {status} and no word; see {job.folder.log_file}"}
        self._write_end(job, "failed", error)

    def _write_end(self, job: Job, state: State, error: dict[str, str]) -> None:
        if self.watch.holder(job.folder.path) is not None:
            return
        before = job.folder.status() or Status(state)
        with contextlib.suppress(OSError):
            replace(before, state=state, closing=False, attempt=latest_claim(job.folder.path), error=error).write(
                job.folder.path
            )

    def _keep_limits(self, jobs: Sequence[Job]) -> None:
        now = time.monotonic()
        if self._stop_signal is not None and not self._said:
            self._said = True
            self.overview.say("stopping: running cells save a checkpoint first; once more to kill them")
        for job in jobs:
            if job.process is None or job.process.pid is None:
                continue
            if self._stop_signal is not None and job.asked_to_stop is None:
                self._ask_to_stop(job)
            if job.asked_to_stop is not None:
                if now - job.asked_to_stop > self.limits.grace:
                    _signal_group(job.process.pid, signal.SIGKILL)
                continue
            minutes, most = self.limits.time_limit, self.limits.memory_limit
            if minutes is not None and now - job.began > 60 * minutes:
                job.broke = f"over its time limit of {minutes:g} minutes"
                self._ask_to_stop(job)
            elif most is not None and group_memory(job.process.pid) > most * GIB:
                job.broke = f"over its memory limit of {most:g} GiB"
                _signal_group(job.process.pid, signal.SIGKILL)

    def _ask_to_stop(self, job: Job) -> None:
        if job.process is not None and job.process.pid is not None:
            job.asked_to_stop = time.monotonic()
            with contextlib.suppress(ProcessLookupError):
                os.kill(job.process.pid, signal.SIGTERM)  # it alone: its helpers end with it

    def _kill_all(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if job.process is not None:
                _signal_group(job.process.pid, signal.SIGKILL)
                job.process.kill()  # where it has not made its group yet
                job.process.join()
                if job.folder.record() is None:
                    self._write_end(job, "interrupted", {"message": "killed with its sweep"})

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Once: ask the cells to save and stop. Twice: kill them."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
        before = {number: signal.getsignal(number) for number in numbers}

        def caught(number: int, frame: FrameType | None) -> None:
            if self._stop_signal is not None:
                raise SweepInterrupted(f"{signal.Signals(number).name}, twice")
            self._stop_signal = number

        for number in numbers:
            signal.signal(number, caught)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _sight(job: Job) -> Sight:
    if job.over and job.sight is not None:
        return job.sight
    state = "running" if job.running else "elsewhere" if job.foreign and not job.over else None
    if state is None:
        state = job.folder.state(running=False) if job.over else "waiting"
    sight = Sight(job.folder.name, job.label, state, None if state == "waiting" else job.folder.status())
    job.sight = sight if job.over else None
    return sight


def _score(status: Status | None) -> str:
    return f", mAP {status.mAP:.3f}" if status is not None and status.mAP is not None else ""


def _reason(folder: RunFolder) -> str:
    status = folder.status()
    message = (status.error.get("message") if status else None) or "no word"
    return message.splitlines()[0]


def _signal_group(pid: int | None, number: int) -> None:
    if pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)


def group_memory(group: int) -> int:
    """Bytes of main memory of a process group, shared pages counted once; 0 where /proc does not tell."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) != group:
                continue
            lines = (entry / "smaps_rollup").read_text().splitlines()
            total += sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, IndexError, ValueError):
            continue
    return total
