"""How the threads of one process wait for each other, settled before torch, and OpenMP with it, is loaded.

By default GNU's OpenMP spins for millions of rounds at every barrier. Alone that costs nothing; where another process
wants the cores, a thread spins away the time that the thread it waits for would need. After SPINS rounds a thread
sleeps instead.
Where others want the cores already when training begins, it sleeps at once.
Measured by benchmarks/busy_machine.py; numbers do not depend on it.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

SPINS, SPINS_OF_INFERENCE = 5000, 20_000
"""Alone as fast as spinning for ever, beside others as fast as sleeping at once; operations on a single image are so
short that their threads are sooner there again than a sleeping one wakes. See docs/performance.md"""
SAMPLES, SECONDS_BETWEEN = 5, 0.01
STAT = Path("/proc/stat")
SPIN_COUNT, POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"


def wait_briefly(spins: int = SPINS) -> None:
    """Let threads of this process, if torch is not loaded yet, and of those that it starts sleep soon.

    Whoever has set GOMP_SPINCOUNT or OMP_WAIT_POLICY has decided already.
    """
    if SPIN_COUNT not in os.environ and POLICY not in os.environ:  # an empty value is OpenMP's own default
        os.environ[SPIN_COUNT] = str(spins)


def wait_as_cores_allow() -> None:
    """`wait_briefly` for training: not at all where other processes want the cores that its threads would take."""
    if SPIN_COUNT not in os.environ and POLICY not in os.environ:
        wait_briefly(0 if are_cores_wanted() else SPINS)


def are_cores_wanted() -> bool:
    """Whether others take half of the cores, and more, that this process would use: in the median of five looks.

    Of the whole machine: where this process may use some of its cores only, it cannot tell who is on them.
    """
    looks = []
    for look in range(SAMPLES):
        if look:
            time.sleep(SECONDS_BETWEEN)
        looks.append(_running())
    others = statistics.median(looks) - 1  # of which this process is one
    return others > (os.cpu_count() or 1) - _own_threads() / 2


def _running() -> int:
    """Threads of the whole machine that run or could; 1 where the system does not say."""
    try:
        lines = STAT.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("procs_running"))
    except (OSError, StopIteration, ValueError):
        return 1


def _own_threads() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return min(int(asked), cores) if asked.isdigit() else cores


def waiting() -> str:
    """What was decided, for records: "GOMP_SPINCOUNT=5000"; empty where nothing was."""
    return " ".join(f"{name}={os.environ[name]}" for name in (POLICY, SPIN_COUNT) if name in os.environ)
