"""status.json: what state a run is in, who runs it, how far it is."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from yololab.files import write_text
from yololab.study.owner import Owner

State = Literal["planned", "running", "done", "failed", "interrupted"]
STATUS_FILE = "status.json"


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
        content = asdict(self)
        content["owner"] = self.owner.to_dict() if self.owner else None
        write_text(folder / STATUS_FILE, json.dumps(content, indent=1))


def read_status(folder: Path) -> Status | None:
    """The status of a run folder; None where there is none, or none that can be read."""
    try:
        content = json.loads((folder / STATUS_FILE).read_text(encoding="utf-8"))
        known = {key: value for key, value in content.items() if key in {f.name for f in fields(Status)}}
        known["owner"] = Owner.from_dict(known.get("owner"))
        status = Status(**known)
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return status if status.state in get_args(State) else None


def now() -> str:
    """Local time with its offset, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
