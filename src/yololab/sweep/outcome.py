"""What became of the runs of a sweep, and how that is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yololab.errors import YololabError
from yololab.run.claim import Watch
from yololab.run.folder import RunFolder
from yololab.run.status import State


@dataclass(frozen=True)
class RunOutcome:
    """One run after a sweep."""

    label: str
    folder: RunFolder
    state: State
    told: str = ""
    """Why its process failed, as that told the sweep"""

    @property
    def reason(self) -> str:
        """Why it is not done."""
        if self.state is State.UNREADABLE:
            return self.folder.damage() or "its record could not be read"
        status = self.folder.status()
        if self.told:  # the folder may have had no room for it, and show an earlier failure
            return self.told
        stopped = "stopped before its end" if self.state is State.INTERRUPTED else str(self.state)
        return (status.reason if status else "") or stopped


class SweepFailed(YololabError):
    """Some runs are not done; the message lists them and the command that runs them."""

    def __init__(self, outcomes: Sequence[RunOutcome], studies: Sequence[Path]) -> None:
        super().__init__(_listing(outcomes, studies))
        self.outcomes = outcomes


class SweepInterrupted(YololabError):
    """The sweep was asked to stop."""


def outcomes(
    runs: Sequence[tuple[str, RunFolder]], watch: Watch | None = None, reasons: Mapping[Path, str] | None = None
) -> list[RunOutcome]:
    """State of runs (label, folder) as their folders have it; `reasons` by absolute folder, for what they have not."""
    watch, reasons = watch or Watch(), reasons or {}
    return [
        RunOutcome(label, folder, folder.state_seen_by(watch), reasons.get(folder.path.absolute(), ""))
        for label, folder in runs
    ]


def _listing(outcomes: Sequence[RunOutcome], studies: Sequence[Path]) -> str:
    missing = [outcome for outcome in outcomes if not outcome.state.is_finished]
    count = len(missing)
    lines = [f"{count} of {len(outcomes)} runs {'is' if count == 1 else 'are'} not done:"]
    for outcome in missing:
        lines.append(f"  {outcome.label}: {outcome.reason}; {outcome.folder.path}")
    lines += [f"run what is missing:  yololab retry {study}   (or the same command again)" for study in studies]
    return "\n".join(lines)
