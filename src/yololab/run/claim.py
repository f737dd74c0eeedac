"""A run belongs to one process at a time, on one machine or on many that share a file system.

Claims are numbered files, claims/1, claims/2, ..., each made exclusively; the highest one counts. To take over from an
owner that is gone is to make the next number, which only one can do; an owner that was merely asleep finds the higher
number and lets go. Nothing is ever removed and made again, so there is no moment in which two could both be right.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from yololab.errors import YololabError
from yololab.files import read_json, write_text
from yololab.run.owner import Owner
from yololab.run.status import State, read_status

CLAIMS = "claims"
ENDED = ".ended"
"""Beside a claim whose owner has let go, so that a damaged status.json holds nobody up."""
SILENT = ".silent"
"""Beside a claim of another machine that somebody has watched long enough: the heartbeat at which it stood still"""
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
BEAT_SECONDS = 5.0
STALE_SECONDS = 60.0
"""An owner on another machine counts as gone when its heartbeat has not risen for so long, by the observer's clock."""


@dataclass(frozen=True)
class Claim:
    """The right to run `folder`, until somebody makes a higher number."""

    folder: Path
    number: int

    def holds(self) -> bool:
        """Whether nobody has taken over."""
        return latest_claim(self.folder) == self.number

    def release(self) -> None:
        """Let go."""
        (self.folder / CLAIMS / f"{self.number}{ENDED}").touch()


def latest_claim(folder: Path) -> int:
    """Number of the claim that counts; 0 where there is none."""
    try:
        names = [entry.name for entry in os.scandir(folder / CLAIMS)]
        return max((int(name) for name in names if NUMBER.fullmatch(name)), default=0)
    except OSError:  # not there, no folder, or a link to itself: who wants to run it is told by `take`
        return 0


def take(folder: Path, after: int) -> Claim | None:
    """Claim a run whose latest claim is `after` and not held any more; None where somebody else was faster."""
    try:
        (folder / CLAIMS).mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise YololabError(f"{folder / CLAIMS}: expected a folder of claims; remove it to run this run") from error
    path = folder / CLAIMS / str(after + 1)
    text = json.dumps(Owner.this_process().to_dict())
    temporary = folder / CLAIMS / f".{after + 1}.{os.getpid()}.tmp"
    try:
        temporary.write_text(text)
        os.link(temporary, path)  # exclusive, and the content is there from the first moment
    except FileExistsError:
        return None
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        return _take_without_links(folder, path, text, after)
    finally:
        temporary.unlink(missing_ok=True)
    return Claim(folder, after + 1)


def _take_without_links(folder: Path, path: Path, text: str, after: int) -> Claim | None:
    try:
        with path.open("x") as stream:
            stream.write(text)
    except FileExistsError:
        return None
    return Claim(folder, after + 1)


def owner_of(folder: Path, number: int) -> Owner | None:
    """Who made a claim; None where that cannot be read."""
    try:
        return Owner.from_dict(read_json(folder / CLAIMS / str(number)))
    except (OSError, ValueError):
        return None


def wait_until_free(folder: Path, watch: Watch) -> Owner | None:
    """Whoever holds a run; where only time can tell whether a foreign owner still lives, wait for its heartbeat."""
    holder = watch.holder(folder)
    while holder is not None and holder.is_gone() is None:
        status = read_status(folder)
        beats = status.beats if status else 0
        time.sleep(BEAT_SECONDS / 5)
        after = read_status(folder)
        if after is not None and after.beats != beats:
            return holder
        holder = watch.holder(folder)
    return holder


class Watch:
    """Tells whether runs are held by somebody; keeps what it saw, since a foreign owner is judged by its changes.

    With `leaves_word`, what it found out the slow way is noted beside the claim, so that nobody waits for it again: for
    this very heartbeat, so an owner that was only asleep holds its run as soon as it beats.
    """

    def __init__(self, stale_seconds: float | None = None, leaves_word: bool = False) -> None:
        self.stale_seconds = STALE_SECONDS if stale_seconds is None else stale_seconds
        self.leaves_word = leaves_word
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}

    def holder(self, folder: Path) -> Owner | None:
        """The owner that runs `folder` now; None where nobody does, so that it may be claimed."""
        number = latest_claim(folder)
        if number == 0:
            return None
        status = read_status(folder)
        has_ended = status is not None and status.attempt >= number and status.state is not State.RUNNING
        if has_ended or (folder / CLAIMS / f"{number}{ENDED}").exists():
            return None
        owner = owner_of(folder, number)
        gone = owner.is_gone() if owner is not None else None
        if gone is None:
            gone = self._is_silent(folder, number, status.beats if status else 0)
        return None if gone else owner or Owner("an unknown host", "", 0, "")

    def _is_silent(self, folder: Path, number: int, beats: int) -> bool:
        sign, clock, word = (number, beats), time.monotonic(), folder / CLAIMS / f"{number}{SILENT}"
        with contextlib.suppress(OSError, ValueError):
            if read_json(word) == beats:
                return True
        before = self._seen.get(folder)
        if before is None or before[0] != sign:
            self._seen[folder] = (sign, clock)
            return False
        if clock - before[1] <= self.stale_seconds:
            return False
        if self.leaves_word:
            with contextlib.suppress(OSError):
                write_text(word, str(beats))
        return True
