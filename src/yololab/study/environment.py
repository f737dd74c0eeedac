"""What a run was made with, as far as it can change numbers: code, libraries, device, threads."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from yololab.config.identity import flat
from yololab.run.record import RunRecord

NOT_NUMBERS = ("wandb", "yololab")
"""Libraries that change no number, or whose change the state of the code tells"""


def environment(record: RunRecord) -> dict[str, str]:
    """By name, what decides most first."""
    machine = record.machine
    found: dict[str, Any] = {
        "graph": record.complexity.get("fingerprint"),
        "code": code_state(record),
        "torch": record.libraries.get("torch"),
        "device": machine.get("device") or (", ".join(machine.get("gpus", [])) or "cpu"),
        "threads": machine.get("threads"),
        "processor": machine.get("processor"),
        "system": machine.get("system"),
    }
    libraries = {key: value for key, value in record.libraries.items() if key not in (*NOT_NUMBERS, "torch")}
    return {key: str(value) for key, value in {**found, **flat(libraries)}.items() if value is not None}


def code_state(record: RunRecord) -> str | None:
    """Commit, and the hash of uncommitted changes; None where nothing is known."""
    commit = record.git.get("commit")
    if commit is None:
        return None
    changes = record.git.get("dirty")
    return f"{commit[:10]}+{changes[:8]}" if changes else str(commit[:10])


def differences(records: Sequence[RunRecord]) -> dict[str, dict[str, int]]:
    """What is not the same for all records: by name, each value with the number of runs that have it."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        for key, value in environment(record).items():
            counts[key][value] += 1
    return {key: dict(found) for key, found in counts.items() if len(found) > 1 and key != "graph"}


def told(values: dict[str, int]) -> str:
    """ "2.6.0 (3 runs), 2.7.1 (1 run)"; long values are cut."""
    parts = [f"{json.dumps(value)[1:-1][:60]} ({count} run{'s' * (count > 1)})" for value, count in values.items()]
    return ", ".join(parts[:4]) + (", ..." if len(parts) > 4 else "")
