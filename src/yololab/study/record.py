"""RunRecord: everything that a finished run says about itself, as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from yololab.errors import YololabError

RECORD_VERSION = 1
RESULTS_FILE = "results.json"


@dataclass(frozen=True)
class RunRecord:
    """One finished run."""

    run_id: str
    study: str
    seed: int
    choices: Mapping[str, str]
    """Chosen option of every Hydra group"""
    science: Mapping[str, Any]
    data_fingerprint: str
    metrics: Mapping[str, float]
    """The 12 COCO numbers of the last epoch's averaged weights"""
    per_class: Mapping[str, Mapping[str, float]]
    complexity: Mapping[str, Any]
    curve: list[Mapping[str, float]]
    """One row per epoch"""
    durations: Mapping[str, float]
    """Seconds"""
    libraries: Mapping[str, str]
    machine: Mapping[str, Any]
    git: Mapping[str, Any]
    data_problems: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    schema_version: int = RECORD_VERSION

    def write(self, folder: Path) -> Path:
        """Write results.json into the run's folder, whole or not at all."""
        path = folder / RESULTS_FILE
        write_text(path, json.dumps(asdict(self), indent=1, sort_keys=True, allow_nan=True))
        return path


def read_record(folder: Path) -> RunRecord | None:
    """The record of a run folder; None where there is none yet. YololabError where it cannot be read."""
    path = folder / RESULTS_FILE
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text())
        known = {f.name for f in fields(RunRecord)}
        return RunRecord(**{key: value for key, value in content.items() if key in known})
    except (json.JSONDecodeError, TypeError) as error:
        raise YololabError(
            f"{path}: not a readable run record ({error}); remove the file to run this cell again"
        ) from error


def read_study(folder: Path) -> list[RunRecord]:
    """Records of all finished runs of a study, by run id. YololabError where the folder does not exist."""
    if not folder.is_dir():
        raise YololabError(f"{folder}: no such study folder; expected runs/<study> with run folders inside")
    found = (read_record(path) for path in sorted(folder.iterdir()) if path.is_dir())
    return [record for record in found if record is not None]


def write_text(path: Path, text: str) -> None:
    """Write a file through a temporary neighbour, synced and renamed, so that a reader never sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
