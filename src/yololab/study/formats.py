"""A sheet as Markdown, CSV, JSON and for the terminal."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

from rich.table import Table
from rich.text import Text

from yololab.study.sheet import Line, Sheet

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula, at the start of a text"""


def to_markdown(sheet: Sheet) -> str:
    """A Markdown table, the best in bold, with notes and warnings below."""
    lines = [_line(sheet.headings), "|" + " --- |" * len(sheet.headings)]
    lines += [_line(_emphasised(line)) for line in sheet.lines]
    notes = " ".join([*sheet.notes, *sheet.run_notes])
    lines += ["", _escaped(notes), *(f"- **{_escaped(warning)}**" for warning in sheet.warnings)]
    return "\n".join(lines) + "\n"


def _emphasised(line: Line) -> list[str]:
    return [f"**{text}**" if place in line.bold else text for place, text in enumerate(line.texts)]


def _line(fields: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(_escaped(text) for text in fields) + " |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def to_csv(sheet: Sheet) -> str:
    """Comma-separated values with full precision, in the units of the table."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(dict.fromkeys(key for line in sheet.lines for key in line.values)))
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in line.values.items()} for line in sheet.lines)
    return stream.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def to_json(sheet: Sheet) -> str:
    """Lines with full precision, in the units of the table; notes and warnings."""
    rows = [{key: _plain(value) for key, value in line.values.items()} for line in sheet.lines]
    return json.dumps({"rows": rows, "notes": sheet.notes, "warnings": sheet.warnings}, indent=1)


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def to_rich(sheet: Sheet, title: str) -> Table:
    """For the terminal."""
    shown = Table(title=title, title_justify="left")
    for heading, is_number in zip(sheet.headings, sheet.numbers, strict=True):
        shown.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for line in sheet.lines:
        shown.add_row(*(Text(text, "bold" if place in line.bold else "") for place, text in enumerate(line.texts)))
    return shown
