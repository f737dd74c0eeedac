"""What became of the cells of a sweep, and how that is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yololab.errors import YololabError
from yololab.study.claim import Watch
from yololab.study.folder import RunFolder
from yololab.study.status import State


@dataclass(frozen=True)
class CellOutcome:
    """One cell after a sweep."""

    label: str
    folder: RunFolder
    state: State

    @property
    def reason(self) -> str:
        """Why it is not done."""
        status = self.folder.status()
        error = status.error if status else {}
        message = (error.get("message") or "").splitlines()
        text = ": ".join(part for part in (error.get("class"), message[0] if message else "") if part)
        return text or ("stopped before its end" if self.state == "interrupted" else self.state)


class SweepFailed(YololabError):
    """Some cells are not done; the message lists them and the command that runs them."""

    def __init__(self, outcomes: Sequence[CellOutcome], studies: Sequence[Path]) -> None:
        super().__init__(_listing(outcomes, studies))
        self.outcomes = outcomes


class SweepInterrupted(YololabError):
    """The sweep was asked to stop."""


def outcomes(cells: Sequence[tuple[str, RunFolder]], watch: Watch | None = None) -> list[CellOutcome]:
    """State of cells (label, folder) as their folders have it."""
    watch = watch or Watch()
    return [
        CellOutcome(label, folder, folder.state(running=watch.holder(folder.path) is not None))
        for label, folder in cells
    ]


def _listing(outcomes: Sequence[CellOutcome], studies: Sequence[Path]) -> str:
    missing = [outcome for outcome in outcomes if outcome.state != "done"]
    count = len(missing)
    lines = [f"{count} of {len(outcomes)} cells {'is' if count == 1 else 'are'} not done:"]
    for outcome in missing:
        lines.append(f"  {outcome.label}: {outcome.reason}; {outcome.folder.path}")
    lines += [f"run what is missing:  yololab retry {study}   (or the same command again)" for study in studies]
    return "\n".join(lines)
