"""Who runs something: host, process and its start, so that a process number used again is not mistaken for it."""

from __future__ import annotations

import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yololab.files import is_alive

LARGEST_PID = 2**31


@dataclass(frozen=True)
class Owner:
    """A process, named so that others on the same machine can tell whether it still runs."""

    host: str
    namespace: str
    """Boot and process namespace: only within it does `pid` mean anything"""
    pid: int
    started: str
    """Start of the process in ticks since boot; empty where the system does not say"""

    @classmethod
    def this_process(cls) -> Owner:
        """The calling process."""
        pid = os.getpid()
        return cls(socket.gethostname(), _namespace(), pid, _start_of(pid))

    @classmethod
    def from_dict(cls, content: Any) -> Owner | None:
        """From JSON; None where it is not an owner."""
        try:
            found = cls(content["host"], content["namespace"], content["pid"], content["started"])
        except (TypeError, KeyError):
            return None
        texts = (found.host, found.namespace, found.started)
        is_owner = all(isinstance(text, str) for text in texts) and type(found.pid) is int
        return found if is_owner and 0 < found.pid < LARGEST_PID else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def is_gone(self) -> bool | None:
        """Whether the process has ended; None where it is on another machine, so that nobody here can tell."""
        if (self.host, self.namespace) != (socket.gethostname(), _namespace()):
            return None
        return not is_alive(self.pid) or (self.started != "" and _start_of(self.pid) != self.started)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def _namespace() -> str:
    parts = []
    for read in (
        lambda: Path("/proc/sys/kernel/random/boot_id").read_text()[:8],
        lambda: os.readlink("/proc/self/ns/pid"),
    ):
        try:
            parts.append(read().strip())
        except OSError:
            parts.append("")
    return "/".join(parts)


def _start_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
