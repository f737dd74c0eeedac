"""What differs between two runs: configuration, environment, numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yololab.config.identity import ABSENT, flat, science, settings_of
from yololab.run.folder import RunFolder
from yololab.run.record import RunRecord


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same."""

    part: str
    """configuration, environment, metrics or curve"""
    key: str
    first: Any
    second: Any


def compare(first: RunRecord, second: RunRecord) -> list[Difference]:
    """Everything in which two records differ, but the time that they took."""
    return [
        *_compare("configuration", settings_of(first.science), settings_of(second.science)),
        *_compare("environment", environment(first), environment(second)),
        *_compare("metrics", flat(first.metrics), flat(second.metrics)),
        *_compare("curve", _curve(first), _curve(second)),
    ]


def compare_configs(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """Differences of two resolved configurations in what counts as science."""
    return _compare("configuration", settings_of(science(first)), settings_of(science(second)))


def environment(record: RunRecord) -> dict[str, Any]:
    """What a run was made with: versions, machine, code, data."""
    parts = {"library": record.libraries, "machine": record.machine, "git": record.git, "data": record.data_fingerprint}
    return flat(parts)


def _curve(record: RunRecord) -> dict[str, Any]:
    rows = {}
    for row in record.curve:
        for key, value in row.items():
            if key not in ("seconds", "epoch"):
                rows[f"epoch {int(row['epoch']) + 1}.{key}"] = value
    return rows


def _compare(part: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    found = []
    for key in {**first, **second}:
        a, b = first.get(key, ABSENT), second.get(key, ABSENT)
        if json.dumps(a, sort_keys=True) != json.dumps(b, sort_keys=True):
            found.append(Difference(part, key, a, b))
    return found


def different_weights(first: RunFolder, second: RunFolder) -> list[str] | None:
    """Names of the tensors whose bits differ between two last checkpoints; None where one of them is not there.

    YololabError where one is damaged.
    """
    import torch

    from yololab.training.checkpoints import read_state

    paths: list[Path] = [first.last_checkpoint, second.last_checkpoint]
    if not all(path.is_file() for path in paths):
        return None
    a, b = (read_state(path) for path in paths)
    return [name for name in {**a, **b} if name not in a or name not in b or not torch.equal(a[name], b[name])]
