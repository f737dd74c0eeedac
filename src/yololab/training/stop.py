"""Being asked to stop: Ctrl-C, SIGTERM and a cluster's warning, once to save and stop, twice to stop now."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType
from typing import Any

SAME_REQUEST_SECONDS = 1.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)


class Interrupted(BaseException):
    """The run was asked to stop and has saved what it could; `reason` says by what.

    Like KeyboardInterrupt it is no error, so that nothing that handles errors swallows it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StopRequest:
    """Catches the signals while it is entered.

    Before `defer` is called, the first signal raises Interrupted at once; after it, `requested` turns true and the
    second signal raises. On leaving, the handlers of before are back, and after an interruption the signal goes on to
    the one that it would have met: submitit's, for one, puts the job back into SLURM's queue.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.may_save = True
        self._number: int | None = None
        self._caught_at = 0.0
        self._deferred = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.getsignal(number) for number in SIGNALS}
            self.install()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        handler = self._before.get(self._number or 0)
        if kind is Interrupted and callable(handler) and handler is not signal.default_int_handler:
            assert self._number is not None
            handler(self._number, None)

    def install(self) -> None:
        """Catch the signals; once more after a library has put its own handlers there."""
        for number in self._before:
            signal.signal(number, self._caught)

    @property
    def requested(self) -> bool:
        """Whether to stop as soon as a checkpoint is saved."""
        return self.reason is not None

    def defer(self) -> None:
        """From now on somebody looks at `requested` in time."""
        self._deferred = True
        self.install()

    def ask(self, reason: str, may_save: bool = True) -> None:
        """Ask to stop without a signal; heard at the end of a batch. Without `may_save`, nothing is saved any more."""
        self.reason = self.reason or reason
        self.may_save = self.may_save and may_save

    def obey(self) -> None:
        """Raise Interrupted."""
        raise Interrupted(self.reason or "asked to stop")

    def _caught(self, number: int, frame: FrameType | None) -> None:
        # The same request may come twice: to the whole group of processes, and passed on by the sweep.
        again = self.requested and time.monotonic() - self._caught_at > SAME_REQUEST_SECONDS
        self._caught_at = time.monotonic()
        self.reason = self.reason or signal.Signals(number).name
        self._number = number
        if again or not self._deferred:
            self.obey()
