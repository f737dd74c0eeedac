"""While a process runs a run: its claim, its heartbeat in status.json, and the state that it leaves."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from yololab.run.claim import BEAT_SECONDS, Claim
from yololab.run.folder import RunFolder
from yololab.run.owner import Owner
from yololab.run.status import State, Status, now


class Session:
    """Enter it to run a claimed folder; `ask_to_stop(reason, may_save)` is called when the claim is lost (then nothing
    may be saved any more) or `is_orphan` turns true.

    `preparation` is the time, in seconds, that the run has taken before it was claimed. A session that lost its claim
    writes nothing any more: the folder is somebody else's.
    """

    def __init__(
        self,
        folder: RunFolder,
        claim: Claim,
        ask_to_stop: Callable[[str, bool], None],
        is_orphan: Callable[[], bool] = lambda: False,
        preparation: float = 0.0,
    ) -> None:
        self.folder, self.claim = folder, claim
        self.lost = False
        self._ask_to_stop, self._is_orphan = ask_to_stop, is_orphan
        before = folder.status() or Status(State.PLANNED)
        self._began = time.monotonic() - before.seconds - preparation
        self._status = replace(
            before,
            state=State.RUNNING,
            attempt=claim.number,
            owner=Owner.this_process(),
            started=now(),
            closing=False,
            error={},
        )
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="heartbeat")

    def __enter__(self) -> Session:
        self.folder.tidy()
        self._write()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):  # a full disk; status.json may have had room
            self.claim.release()

    @property
    def seconds(self) -> float:
        """Time spent on the run so far, earlier attempts included."""
        return time.monotonic() - self._began

    def progress(self, epoch: int, epochs: int, score: float | None) -> None:
        """Epochs finished, and the last mAP."""
        with self._lock:
            self._status = replace(self._status, epoch=epoch, epochs=epochs, mAP=score)
            self._write()

    def closing(self) -> None:
        """Training is over: from here on the run needs no accelerator, and a sweep may start its next run."""
        with self._lock:
            self._status = replace(self._status, closing=True)
            self._write()

    def finish(self, state: State, **error: Any) -> None:
        """Leave the folder in a state; `error` says why it is not done."""
        self._ended.set()
        with self._lock:
            self._status = replace(self._status, state=state, closing=False, error=error)
            self._write()

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            with self._lock:
                if self._ended.is_set():
                    return
                self._beat_once()

    def _beat_once(self) -> None:
        try:
            if not self.claim.holds():
                self.lost = True
                self._ask_to_stop("another process took this run over", False)
                self._ended.set()
                return
            if self._is_orphan():
                self._ask_to_stop("the sweep that started this run is gone", True)
            self._write()
        except OSError:
            return  # a full disk, a file server that is away: the next heartbeat may come through

    def _write(self) -> None:
        if self.lost:
            return
        self._status = replace(self._status, heartbeat=now(), beats=self._status.beats + 1, seconds=self.seconds)
        self._status.write(self.folder.path)
