"""Leaving a command at once: what Python takes apart at its end takes seconds once torch and Lightning are loaded."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from pathlib import Path

COMMANDS = ("train.py", "train_command.py", "yololab", "yololab.exe", "main.py")
_code: int | None = None


def be_ready_to_leave() -> None:
    """Called before anything else is imported that wants to be told of the end: it is told before us.

    Does nothing where another program, pytest for one, has called the command as a function.
    """
    started = getattr(sys.modules["__main__"], "__file__", None)
    if started is not None and Path(started).name in COMMANDS:
        atexit.register(_leave)


def leaving(code: int) -> int:
    """`code`, with which the process ends as soon as everybody has been told."""
    global _code
    _code = code
    return code


def _leave() -> None:
    if _code is None:
        return  # an error of ours, whose traceback Python prints
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(_code)
