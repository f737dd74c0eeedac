"""All runs of a sweep at a glance: bars in a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from yololab.metrics.names import percent_text
from yololab.run.status import State, Status
from yololab.sweep.duration import duration
from yololab.terminal import cell, is_screen, say

MOST_ROWS = 24
KNOWN_EPOCHS = 2
"""Epochs that must have been run before a time that is left is told"""


@dataclass(frozen=True)
class RunProgress:
    """How far a run is."""

    name: str
    label: str
    state: State
    status: Status | None

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.state.is_finished:
            return 1.0
        return self.status.epoch / self.status.epochs if self.status and self.status.epochs else 0.0

    @property
    def epochs(self) -> int:
        """Epochs that are finished."""
        return self.status.epoch if self.status else 0


class Overview:
    """Enter it to show runs; `say` prints a line that stays."""

    def __init__(self, console: Console, enabled: bool = True) -> None:
        self.console, self.enabled = console, enabled
        self._live: Live | None = None
        self._pace = Pace()

    def __enter__(self) -> Overview:
        self._pace = Pace()
        if self.enabled and is_screen(self.console):
            self._live = Live(console=self.console, refresh_per_second=2, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    @property
    def is_live(self) -> bool:
        """Whether there is a terminal to draw in."""
        return self._live is not None

    def say(self, line: str) -> None:
        """Print a line."""
        if self.enabled:
            say(line, self.console)

    def show(self, runs: Sequence[RunProgress]) -> None:
        """Draw the runs as they are now; without a terminal, nothing."""
        if self._live is not None:
            self._live.update(draw(runs, self._pace.remaining(runs, time.monotonic())))


class Pace:
    """How long a sweep will still take, by what it has done since it was first looked at."""

    def __init__(self) -> None:
        self._first: tuple[float, float, int] | None = None

    def remaining(self, runs: Sequence[RunProgress], now: float) -> float | None:
        """Seconds left at the pace so far; None before KNOWN_EPOCHS: the first one starts processes and caches."""
        done, epochs = sum(run.share for run in runs), sum(run.epochs for run in runs)
        if self._first is None:
            self._first = (now, done, epochs)
        began, done_before, epochs_before = self._first
        if epochs - epochs_before < KNOWN_EPOCHS or done <= done_before:
            return None
        return (len(runs) - done) * (now - began) / (done - done_before)


def draw(runs: Sequence[RunProgress], remaining: float | None) -> Group:
    """Bars of the runs that move, and a line of counts; as many rows as fit, those that move first."""
    table = Table.grid(padding=(0, 2))
    for run in sorted(runs, key=lambda run: run.state.rank)[:MOST_ROWS]:
        status = run.status
        epochs = f"{status.epoch}/{status.epochs}" if status and status.epochs else ""
        score = f"mAP {percent_text(status.mAP)}" if status and status.mAP is not None else ""
        bar = ProgressBar(total=1.0, completed=run.share, width=20)
        table.add_row(cell(run.name), cell(run.label), Text(str(run.state), run.state.style), bar, epochs, score)
    counts = Counter(run.state for run in runs)
    line = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    hidden = f"; {len(runs) - MOST_ROWS} more not shown" if len(runs) > MOST_ROWS else ""
    left = f"; about {duration(remaining)} left" if remaining is not None else ""
    return Group(table, Text(f"{line}{hidden}{left}", "bold"))
