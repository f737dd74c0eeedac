"""All records of a study in one Parquet file, a row each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from yololab.config.identity import flat
from yololab.files import whole_file
from yololab.run.record import RunRecord


def to_rows(records: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """A flat row per record; the curve and other lists as JSON text, so that every field is one value."""
    rows = []
    for record in records:
        row = flat({key: value for key, value in asdict(record).items() if key != "choices"})
        row |= {f"choice.{key}": value for key, value in record.choices.items()}
        rows.append({key: json.dumps(v) if isinstance(v, list | dict) else v for key, v in row.items()})
    return rows


def write_parquet(records: Sequence[RunRecord], path: Path) -> Path:
    """Write the rows; a column whose values have several types becomes text."""
    rows = to_rows(records)
    names = sorted({name for row in rows for name in row})
    columns = {name: _one_type([row.get(name) for row in rows]) for name in names}
    with whole_file(path) as temporary:
        pyarrow.parquet.write_table(pyarrow.table(columns), temporary)
    return path


def _one_type(values: list[Any]) -> list[Any]:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float}:
        return [None if v is None else float(v) for v in values] if float in kinds else values
    if len(kinds) <= 1:
        return values
    return [None if v is None else v if isinstance(v, str) else json.dumps(v) for v in values]
