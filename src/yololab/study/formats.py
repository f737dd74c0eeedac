"""A study's table as Markdown, CSV, JSON and for the terminal."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

from rich.table import Table
from rich.text import Text

from yololab.study.table import StudyTable

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula, at the start of a text"""


def to_markdown(table: StudyTable) -> str:
    """A Markdown table, with notes and warnings below."""
    lines = [_line([column.heading for column in table.columns]), "|" + " --- |" * len(table.columns)]
    lines += [_line([column.text(result) for column in table.columns]) for result in table.results]
    lines += ["", " ".join(table.notes), *(f"- **{_escaped(warning)}**" for warning in table.warnings)]
    return "\n".join(lines) + "\n"


def _line(fields: list[str]) -> str:
    return "| " + " | ".join(_escaped(text) for text in fields) + " |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def to_csv(table: StudyTable) -> str:
    """Comma-separated values with full precision."""
    stream = io.StringIO()
    rows = to_dicts(table)
    writer = csv.DictWriter(stream, fieldnames=list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)
    return stream.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def to_json(table: StudyTable) -> str:
    """Rows with full precision, notes and warnings."""
    rows = [{k: None if isinstance(v, float) and math.isnan(v) else v for k, v in r.items()} for r in to_dicts(table)]
    return json.dumps({"rows": rows, "notes": table.notes, "warnings": table.warnings}, indent=1)


def to_dicts(table: StudyTable) -> list[dict[str, Any]]:
    """Flat rows: choices, metrics as fractions, counts, run ids."""
    rows = []
    for result in table.results:
        flat: dict[str, Any] = {}
        for column in table.columns:
            flat |= column.values(result)
        rows.append(flat | {"runs": " ".join(record.run_id for record in result.row.records.values())})
    return rows


def to_rich(table: StudyTable, title: str) -> Table:
    """For the terminal."""
    shown = Table(title=title, title_justify="left")
    for column in table.columns:
        shown.add_column(column.heading, justify="right" if column.is_number else "left", overflow="fold")
    for result in table.results:
        shown.add_row(*(Text(column.text(result)) for column in table.columns))
    return shown
