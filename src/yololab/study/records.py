"""The records of a study, read from its run folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from yololab.errors import YololabError
from yololab.run.folder import RunFolder
from yololab.run.record import RunRecord, read_record


def read_records(study: Path) -> list[RunRecord]:
    """Records of all finished runs of a study, by run id. YololabError where the folder does not exist."""
    if not study.is_dir():
        raise YololabError(f"{study}: no such study folder; expected runs/<study> with run folders inside")
    found = (read_record(path) for path in sorted(study.iterdir()) if path.is_dir())
    return [record for record in found if record is not None]


def read_for_table(study: Path) -> list[RunRecord]:
    """Records of a study, a run once for each of the choices that it stands for."""
    found = []
    for record in read_records(study):
        others = RunFolder(study / record.run_id).other_choices()
        found += [record, *(replace(record, choices=choices) for choices in others)]
    return found
