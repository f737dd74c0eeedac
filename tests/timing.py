"""Time limits that fit the machine: those of an idle one, times how much slower this one is just now."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

IDLE_SECONDS = 5.0
"""What importing torch takes in a process of its own on two idle cores."""
place: Path | None = None
"""A folder that the workers of one session share; conftest.py sets it."""


def patience(seconds: float) -> float:
    """Seconds to wait for what takes at most `seconds` on an idle machine; never less than them."""
    return seconds * slowness()


@cache
def slowness() -> float:
    """How many times slower than an idle machine this one is, at least 1; measured once a session, by any worker."""
    file = None if place is None else place / "slowness"
    if file is not None and file.is_file():
        with contextlib.suppress(ValueError):
            return float(file.read_text())
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    found = max(1.0, (time.monotonic() - started) / IDLE_SECONDS)
    if file is not None:
        file.write_text(f"{found}")
    return found
