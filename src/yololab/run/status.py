"""The states of a run, and status.json: which state it is in, who runs it, how far it is."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any

from yololab.files import read_json, write_text
from yololab.run.owner import Owner

STATUS_FILE = "status.json"


class State(str, Enum):
    """Where a run stands; listed in the order in which states are shown, what moves first."""

    RUNNING = "running"
    ELSEWHERE = "elsewhere"
    """Running, started by somebody else"""
    FAILED = "failed"
    DIVERGED = "diverged"
    """Its numbers stopped being finite; it would do so again"""
    INTERRUPTED = "interrupted"
    UNREADABLE = "unreadable"
    """Its record is damaged"""
    WAITING = "waiting"
    """Its turn in this sweep has not come"""
    NEW = "new"
    """It has no folder yet"""
    PLANNED = "planned"
    PRUNED = "done (pruned)"
    """Done before its last epoch, since study.prune held it for hopeless"""
    DONE = "done"
    DUPLICATE = "duplicate"
    """The same run as one that was planned before it"""

    def __str__(self) -> str:
        return self.value

    @property
    def is_finished(self) -> bool:
        """Whether there is a record."""
        return self in (State.DONE, State.PRUNED)

    @property
    def is_due(self) -> bool:
        """Whether running it again is what is missing."""
        return self in (State.NEW, State.PLANNED, State.FAILED, State.DIVERGED, State.INTERRUPTED)

    @property
    def is_failure(self) -> bool:
        """Whether it ended by an error of its own."""
        return self in (State.FAILED, State.DIVERGED)

    @property
    def is_cut_off(self) -> bool:
        """Whether it has no end of its own: never begun, or stopped from outside."""
        return self in (State.PLANNED, State.INTERRUPTED)

    @property
    def rank(self) -> int:
        """Place in the order of showing."""
        return list(State).index(self)

    @property
    def style(self) -> str:
        """Of its name in a terminal."""
        return STYLES.get(self, "")


STYLES = {
    State.RUNNING: "bold cyan",
    State.ELSEWHERE: "magenta",
    State.FAILED: "red",
    State.DIVERGED: "red",
    State.INTERRUPTED: "yellow",
    State.UNREADABLE: "red",
    State.WAITING: "dim",
    State.DONE: "green",
    State.PRUNED: "green",
}
IN_FILE = (State.PLANNED, State.RUNNING, State.DONE, State.FAILED, State.DIVERGED, State.INTERRUPTED)
"""What status.json may say; the other states are seen from outside"""


@dataclass(frozen=True)
class Status:
    """State of a run and, while it runs, its progress."""

    state: State
    attempt: int = 0
    """Which claim wrote this; 0: nobody has run it yet"""
    owner: Owner | None = None
    started: str | None = None
    """When this attempt began"""
    heartbeat: str | None = None
    beats: int = 0
    """Rises with every heartbeat; others compare this number, never two machines' clocks"""
    seconds: float = 0.0
    """Time spent on the run, earlier attempts included"""
    epoch: int = 0
    """Epochs finished"""
    epochs: int = 0
    closing: bool = False
    """Training is over; pictures and records are being written"""
    mAP: float | None = None  # noqa: N815  # the field's own spelling
    error: dict[str, Any] = field(default_factory=dict)
    """class, message and traceback file of the last failure; or why it was interrupted"""

    def write(self, folder: Path) -> None:
        """Write status.json, whole or not at all."""
        content = asdict(self) | {"state": self.state.value}
        content["owner"] = self.owner.to_dict() if self.owner else None
        write_text(folder / STATUS_FILE, json.dumps(content, indent=1))

    @property
    def reason(self) -> str:
        """Why the run is not done, in a line; empty where nothing is known."""
        return reason_of(self.error)


def reason_of(error: Mapping[str, str]) -> str:
    """What status.json's `error` says, in a line."""
    message = (error.get("message") or "").splitlines()
    return ": ".join(part for part in (error.get("class"), message[0] if message else "") if part)


def read_status(folder: Path) -> Status | None:
    """The status of a run folder; None where there is none, or none that can be read."""
    try:
        content = read_json(folder / STATUS_FILE)
        known = {key: value for key, value in content.items() if key in {f.name for f in fields(Status)}}
        known["owner"] = Owner.from_dict(known.get("owner"))
        known["state"] = State(known["state"])
        status = Status(**known)
        if not _is_typed(status):
            return None
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None
    return status if status.state in IN_FILE else None


def _is_typed(status: Status) -> bool:
    """Whether everything is of the type that it is said to have."""
    counts = (status.attempt, status.beats, status.epoch, status.epochs)
    numbers = (status.seconds, *(() if status.mAP is None else (status.mAP,)))
    texts = [text for text in (status.started, status.heartbeat) if text is not None]
    return (
        all(type(count) is int and count >= 0 for count in counts)
        and all(type(number) in (int, float) for number in numbers)
        and isinstance(status.error, dict)
        and all(isinstance(text, str) for text in (*texts, *status.error, *status.error.values()))
        and isinstance(status.closing, bool)
    )


def now() -> str:
    """Local time with its offset, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
