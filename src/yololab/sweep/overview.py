"""All cells of a running sweep at one sight: bars in a terminal, lines elsewhere."""

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

from yololab.study.status import Status

MOST_ROWS = 24
STYLES = {"running": "bold cyan", "done": "green", "failed": "red", "interrupted": "yellow", "elsewhere": "magenta"}
ORDER = ("running", "elsewhere", "failed", "interrupted", "waiting", "done")


@dataclass(frozen=True)
class Sight:
    """What there is to see of a cell."""

    name: str
    label: str
    state: str
    status: Status | None

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.state == "done":
            return 1.0
        return self.status.epoch / self.status.epochs if self.status and self.status.epochs else 0.0


class Overview:
    """Enter it to show cells; `say` prints a line that stays."""

    def __init__(self, console: Console, enabled: bool = True) -> None:
        self.console, self.enabled = console, enabled
        self._live: Live | None = None
        self._began, self._done_before = time.monotonic(), 0.0

    def __enter__(self) -> Overview:
        self._began = time.monotonic()
        if self.enabled and self.console.is_terminal:
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
            self.console.print(line, highlight=False, soft_wrap=True, markup=False)

    def show(self, cells: Sequence[Sight]) -> None:
        """Draw the cells as they are now; without a terminal, nothing."""
        if self._live is not None:
            self._live.update(draw(cells, self._remaining(cells)))

    def _remaining(self, cells: Sequence[Sight]) -> float | None:
        """Seconds left at the pace since the sweep began; None before there is any."""
        done = sum(cell.share for cell in cells)
        self._done_before = self._done_before or done
        gained = done - self._done_before
        if gained <= 0:
            return None
        return (len(cells) - done) * (time.monotonic() - self._began) / gained


def draw(cells: Sequence[Sight], remaining: float | None) -> Group:
    """Bars of the cells that move, and a line of counts; as many rows as fit, those that move first."""
    table = Table.grid(padding=(0, 2))
    ordered = sorted(cells, key=lambda cell: ORDER.index(cell.state) if cell.state in ORDER else len(ORDER))
    for cell in ordered[:MOST_ROWS]:
        status = cell.status
        epochs = f"{status.epoch}/{status.epochs}" if status and status.epochs else ""
        score = f"mAP {status.mAP:.3f}" if status and status.mAP is not None else ""
        bar = ProgressBar(total=1.0, completed=cell.share, width=20)
        table.add_row(cell.name, cell.label, Text(cell.state, STYLES.get(cell.state, "dim")), bar, epochs, score)
    counts = Counter(cell.state for cell in cells)
    line = ", ".join(f"{counts[state]} {state}" for state in ORDER if counts[state])
    hidden = f"; {len(cells) - MOST_ROWS} more not shown" if len(cells) > MOST_ROWS else ""
    left = f"; about {duration(remaining)} left" if remaining is not None else ""
    return Group(table, Text(f"{line}{hidden}{left}", "bold"))


def duration(seconds: float) -> str:
    """ "40 s", "12 min", "3.4 h", "2.1 days"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"
