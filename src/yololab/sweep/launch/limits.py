"""What a run may use and how often it may try."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from yololab.sweep.launch.job import Job

GIB = 2**30


@dataclass(frozen=True)
class Limits:
    """Defaults and explanations stand in conf/hydra/launcher/processes.yaml."""

    retries: int
    retry_backoff: float
    """Seconds before the first retry, doubled for each further one"""
    time_limit: float | None
    """Minutes of an attempt"""
    memory_limit: float | None
    """GiB of all processes of the run"""
    grace: float
    """Seconds between asking a run to stop and killing it"""

    def enforce(self, job: Job) -> None:
        """Ask a running job to stop, or kill it, where it is over a limit; called again and again."""
        if job.process is None or job.process.pid is None:
            return
        if job.asked_to_stop is not None:
            if time.monotonic() - job.asked_to_stop > self.grace:
                job.kill()
            return
        if self.time_limit is not None and time.monotonic() - job.began > 60 * self.time_limit:
            job.broken_limit = f"over its time limit of {self.time_limit:g} minutes"
            job.ask_to_stop()
        elif self.memory_limit is not None and group_memory(job.process.pid) > self.memory_limit * GIB:
            job.broken_limit = f"over its memory limit of {self.memory_limit:g} GiB"
            job.kill()

    def pause_before_retry(self, job: Job) -> float | None:
        """Seconds until a failed job may try again; None where it has tried often enough."""
        return self.retry_backoff * 2 ** (job.attempts - 1) if job.attempts <= self.retries else None


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
