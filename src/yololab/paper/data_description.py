"""Croissant of the data that a study was made on, where they are files that still lie where they lay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yololab.assemble import make_parts
from yololab.data.croissant import write_croissant
from yololab.data.splits import read_splits
from yololab.errors import YololabError
from yololab.run.folder import RunFolder
from yololab.run.record import RunRecord

GENERATED = "ShapesSource"


def describe_data(study: Path, records: Sequence[RunRecord], folder: Path) -> tuple[list[Path], list[str]]:
    """Files written, a description for each data set; why one was left out, a line each. Made scenes need none."""
    written: list[Path] = []
    remarks: list[str] = []
    first = {str(record.choices.get("data")): record for record in reversed(records)}
    for name, record in sorted(first.items()):
        if str(record.science.get("data", {}).get("_target_", "")).endswith(GENERATED):
            continue
        try:
            source = make_parts(RunFolder(study / record.run_id).spec().config).source
            splits = read_splits(source, None)
            if splits.fingerprint != record.data_fingerprint:
                remarks.append(f"no Croissant of {name}: the data have changed since run {record.run_id}")
                continue
            written += write_croissant(folder / f"croissant_{name}.json", name, splits.by_name)
        except YololabError as error:
            remarks.append(f"no Croissant of {name}: {error}")
    return written, remarks
