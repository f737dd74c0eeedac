"""A run's process, forked from a server that has everything imported."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

AUTOGROUP = Path("/proc/self/autogroup")
MOST_MESSAGE = 2000
"""Bytes; where a user has many pipes, one of them takes 4 KiB without a reader"""


def run_in_process(folder: str, environment: Mapping[str, str], threads: int, controller: Connection) -> None:
    """Run what a folder holds in this process, which is its alone; ends the process.

    Why it fails is sent to `controller` as JSON before anything else is done about it.

    It leads a session of its own, so that Ctrl-C in the terminal reaches the sweep only, and all of its helpers can be
    ended together.
    """
    os.setsid()
    stay_nice()
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):  # which the server ignores
        signal.signal(number, signal.SIG_DFL)
    os.environ.update(environment)
    log = os.open(Path(folder) / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    import cv2
    import torch

    from yololab.run import process

    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    parent = multiprocessing.parent_process()
    status = process.main(
        [folder],
        is_orphan=lambda: parent is not None and not parent.is_alive(),
        report=lambda error: tell(controller, error),
    )
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(status)


def stay_nice() -> None:
    """Give the session of its own the niceness of the process.

    Linux shares processors between sessions first (CONFIG_SCHED_AUTOGROUP, most distributions): without this, a sweep
    that was started by `nice` would take as much as whatever else runs.
    """
    with contextlib.suppress(OSError):  # no such file elsewhere
        AUTOGROUP.write_text(str(os.getpriority(os.PRIO_PROCESS, 0)))


def tell(controller: Connection, error: Exception) -> None:
    """Send what an error is, for a controller that may be gone."""
    from yololab.run.start import state_after

    content = {"state": state_after(error), "class": type(error).__name__, "message": _cut(str(error))}
    with contextlib.suppress(OSError):
        controller.send_bytes(json.dumps(content, ensure_ascii=False).encode())


def _cut(text: str) -> str:
    return text.encode(errors="replace")[:MOST_MESSAGE].decode(errors="ignore")


def heard(run: Connection) -> dict[str, str]:
    """What was sent at the other end; nothing where nothing was."""
    with contextlib.suppress(OSError, EOFError, ValueError, TypeError, KeyError):
        if run.poll():
            found = json.loads(run.recv_bytes())
            return {key: str(found[key]) for key in ("state", "class", "message")}
    return {}
