"""A run's process, forked from a server that has everything imported."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

PRELOAD = "yololab.sweep.launch.preload"


def run_in_process(folder: str, environment: Mapping[str, str], threads: int) -> None:
    """Run what a folder holds in this process, which is its alone; ends the process.

    It leads a session of its own, so that Ctrl-C in the terminal reaches the sweep only, and all of its helpers can be
    ended together.
    """
    os.setsid()
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
    status = process.main([folder], is_orphan=lambda: parent is not None and not parent.is_alive())
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(status)
