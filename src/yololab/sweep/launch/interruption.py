"""Signals that stop a sweep: once, its runs save and stop; twice, they are killed."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from yololab.sweep.outcome import SweepInterrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)


class Interruption:
    """Enter it to catch the signals; the second one raises SweepInterrupted."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._before: dict[int, Any] = {}

    @property
    def is_asked_for(self) -> bool:
        """Whether the sweep should stop."""
        return self.number is not None

    def __enter__(self) -> Interruption:
        self._before = {number: signal.getsignal(number) for number in SIGNALS}
        for number in SIGNALS:
            signal.signal(number, self._caught)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def obey(self) -> None:
        """Raise SweepInterrupted where it was asked for."""
        if self.number is not None:
            raise SweepInterrupted(signal.Signals(self.number).name)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        if self.is_asked_for:
            raise SweepInterrupted(f"{signal.Signals(number).name}, twice")
        self.number = number
