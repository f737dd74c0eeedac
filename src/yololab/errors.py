"""Errors that tell a person where, what was expected, what came, and what to do."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command, or the process of a run, ends."""

    DONE = 0
    FAILED = 1
    USER_ERROR = 2
    """The input does not fit; nothing was run"""
    HELD = 4
    """Another process runs this run"""
    INTERRUPTED = 130


class YololabError(Exception):
    """Any error that is the user's to mend; the command line prints it without a traceback."""


class ConfigError(YololabError, ValueError):
    """A choice, key or value that does not exist or does not fit."""


class GraphError(ConfigError):
    """A graph whose names, edges or sizes do not meet."""


class RunFailed(YololabError):
    """A run that its training or its machine has ended, though what it was given fits; commands exit with FAILED."""

    ends_every_rank = False
    """Whether all ranks of a distributed run raise it, each by itself"""


class UntrustedError(ConfigError):
    """A name of code that nobody here has allowed to be imported."""


class DataError(YololabError):
    """A data set that cannot be read, or that `data.on_error=refuse` refused."""

    def __init__(self, message: str) -> None:
        # A DataLoader's worker hands over an error as the text of its traceback, which ends in the message.
        super().__init__(
            message.rpartition("yololab.errors.DataError: ")[2].strip() if "Caught" in message else message
        )


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate closest to `name`, or None where none is close."""
    found = difflib.get_close_matches(name, list(candidates), n=1, cutoff=0.5)
    return found[0] if found else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" or, where nothing is near, the list of valid names."""
    names = sorted(candidates)
    match = nearest(name, names)
    if match:
        return f"; did you mean {match!r}?"
    return f"; valid names are: {', '.join(names)}" if names else ""


def explain_os_error(error: BaseException, runs: bool = True) -> str | None:
    """A full disk, a folder that may not be written, a missing file, in a line; None for other errors.

    With `runs` it is of a command that runs something, and says what becomes of that.
    """
    if not isinstance(error, OSError) or error.errno is None or error.filename is None:
        return None
    after = "; finished runs are untouched, and the same command goes on" if runs else ""
    return f"{os.fspath(error.filename)}: {error.strerror}{after}"
