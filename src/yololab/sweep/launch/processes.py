"""Running jobs on this machine: a process each, so many at a time, watched, limited, retried, stopped together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait

from yololab.errors import ExitCode
from yololab.files import is_alive
from yololab.metrics.names import percent_text
from yololab.run.claim import Watch
from yololab.run.status import State
from yololab.sweep.launch.interruption import Interruption
from yololab.sweep.launch.job import Job
from yololab.sweep.launch.limits import Limits
from yololab.sweep.launch.overview import Overview
from yololab.sweep.launch.server import start_server
from yololab.sweep.launch.slots import Slot

POLL_SECONDS = 0.1
SHOW_SECONDS = 1.0
FOREIGN_SECONDS = 2.0


@dataclass
class Processes:
    """Runs jobs on the slots of this machine."""

    slots: Sequence[Slot]
    limits: Limits
    overview: Overview
    watch: Watch = field(default_factory=lambda: Watch(leaves_word=True))
    interruption: Interruption = field(default_factory=Interruption)
    _shown: float = 0.0

    def run(self, jobs: Sequence[Job]) -> None:
        """Run all jobs to their end. SweepInterrupted where it was asked to stop; states are in the folders."""
        free = list(self.slots)
        start_server()
        with self.interruption, self.overview:
            try:
                while self._has_work(jobs):
                    self._start_due(jobs, free)
                    self._wait(jobs)
                    self._give_back_slots(jobs, free)
                    self._collect(jobs, free)
                    self._stop_where_asked(jobs)
                    for job in jobs:
                        self.limits.enforce(job)
                    self._show(jobs)
            finally:
                self._kill_all(jobs)
        self.interruption.obey()

    def _has_work(self, jobs: Sequence[Job]) -> bool:
        if self.interruption.is_asked_for:
            return any(job.is_running for job in jobs)
        return not all(job.is_ended for job in jobs)

    def _start_due(self, jobs: Sequence[Job], free: list[Slot]) -> None:
        if self.interruption.is_asked_for:
            return
        now = time.monotonic()
        for job in jobs:
            if job.is_ended or job.is_running or now < job.not_before or not (free or job.foreign):
                continue
            self._see_what_others_did(job, now)
            if not job.is_ended and not job.foreign and free:
                job.start(free.pop(0))
                self.overview.say(f"{job.folder.name} started: {job.label}")

    def _see_what_others_did(self, job: Job, now: float) -> None:
        """Whether the run is done already, or somebody else runs it."""
        if job.folder.record() is not None:
            job.is_ended = True
            return
        job.foreign = self.watch.holder(job.folder.path) is not None
        job.not_before = now + FOREIGN_SECONDS if job.foreign else now

    def _wait(self, jobs: Sequence[Job]) -> None:
        sentinels = [job.process.sentinel for job in jobs if job.process is not None]
        if sentinels:
            wait(sentinels, timeout=POLL_SECONDS)
        else:
            time.sleep(POLL_SECONDS)

    def _give_back_slots(self, jobs: Sequence[Job], free: list[Slot]) -> None:
        for job in jobs:
            if job.slot is not None and job.is_closing():
                free.append(job.slot)
                job.slot = None

    def _collect(self, jobs: Sequence[Job], free: list[Slot]) -> None:
        for job in jobs:
            process = job.process
            if process is None or process.is_alive():
                continue
            exit_code = process.exitcode
            if exit_code != ExitCode.DONE and process.pid is not None and not is_alive(process.pid):
                job.kill()  # loaders and ranks that outlived it
            process.close()
            job.hang_up()
            if job.slot is not None:
                free.append(job.slot)
            job.process = job.slot = None
            self._decide(job, exit_code)

    def _decide(self, job: Job, exit_code: int | None) -> None:
        """What follows from how a process ended: the job has ended, is somebody else's, or tries again."""
        is_held = exit_code != ExitCode.DONE and self.watch.holder(job.folder.path) is not None
        if is_held:
            job.leave_to_others()
        elif job.folder.record() is not None:
            self._end(job, "done", _score(job))
        elif self.interruption.is_asked_for:
            job.is_ended = True
        elif exit_code == ExitCode.HELD:  # somebody ran it and has let go meanwhile
            job.leave_to_others()
        elif exit_code == ExitCode.INTERRUPTED and job.broken_limit is None:
            self._end(job, "interrupted")
        else:
            job.record_death(exit_code, self.watch)
            if job.failed_as is State.DIVERGED:
                self._end(job, "diverged", f": {job.reason}")  # and would again
            else:
                self._try_again(job)

    def _end(self, job: Job, how: str, details: str = "") -> None:
        job.is_ended = True
        self.overview.say(f"{job.folder.name} {how}: {job.label}{details}")

    def _try_again(self, job: Job) -> None:
        pause = self.limits.pause_before_retry(job)
        if pause is None:
            self._end(job, "failed", f": {job.reason}")
        else:
            job.not_before = time.monotonic() + pause
            self.overview.say(f"{job.folder.name} failed ({job.reason}); again in {pause:.0f} s")

    def _stop_where_asked(self, jobs: Sequence[Job]) -> None:
        if not self.interruption.is_asked_for:
            return
        waiting = [job for job in jobs if job.is_running and job.asked_to_stop is None]
        if waiting:
            self.overview.say("stopping: runs save a checkpoint first; once more to kill them")
        for job in waiting:
            job.ask_to_stop()

    def _show(self, jobs: Sequence[Job]) -> None:
        if self.overview.is_live and time.monotonic() - self._shown > SHOW_SECONDS:
            self._shown = time.monotonic()
            self.overview.show([job.progress() for job in jobs])

    def _kill_all(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if job.process is not None:
                job.kill()
                job.process.kill()  # where it has not made its group yet
                job.process.join()
                job.hang_up()
                if job.folder.record() is None:
                    job.record_end(State.INTERRUPTED, {"message": "killed with its sweep"}, self.watch)


def _score(job: Job) -> str:
    status = job.folder.status()
    return f", mAP {percent_text(status.mAP)}" if status is not None and status.mAP is not None else ""
