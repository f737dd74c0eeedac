"""How the threads of one process wait for each other, settled before torch, and OpenMP with it, is loaded.

By default GNU's OpenMP spins for millions of rounds at every barrier. Alone that costs nothing; where another process
wants the cores, a thread spins away the time that the thread it waits for would need. After SPINS rounds a thread
sleeps instead.
Measured by benchmarks/busy_machine.py; numbers do not depend on it.
"""

from __future__ import annotations

import os

SPINS, SPINS_OF_INFERENCE = 5000, 20_000
"""Alone as fast as spinning for ever, beside others as fast as sleeping at once; operations on a single image are so
short that their threads are sooner there again than a sleeping one wakes. See docs/performance.md"""
SPIN_COUNT, POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"


def wait_briefly(spins: int = SPINS) -> None:
    """Let threads of this process, if torch is not loaded yet, and of those that it starts sleep soon.

    Whoever has set GOMP_SPINCOUNT or OMP_WAIT_POLICY has decided already.
    """
    if SPIN_COUNT not in os.environ and POLICY not in os.environ:  # an empty value is OpenMP's own default
        os.environ[SPIN_COUNT] = str(spins)


def waiting() -> str:
    """What was decided, for records: "GOMP_SPINCOUNT=5000"; empty where nothing was."""
    return " ".join(f"{name}={os.environ[name]}" for name in (POLICY, SPIN_COUNT) if name in os.environ)
