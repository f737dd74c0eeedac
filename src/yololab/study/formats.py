"""A sheet as Markdown, CSV, JSON and for the terminal."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from typing import Any

from rich.table import Table

from yololab.study.sheet import Line, Sheet
from yololab.terminal import cell, visible

FORMULA = re.compile(r"[\s\x00]*[=+\-@\u2212\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""What a spreadsheet would take for a formula, at the start of a text; ASCII or full-width"""


def to_markdown(sheet: Sheet) -> str:
    """A Markdown table, the best in bold, with notes and warnings below."""
    lines = [_line(sheet.headings), "|" + " --- |" * len(sheet.headings)]
    lines += [_line(_emphasised(line)) for line in sheet.lines]
    notes = " ".join([*sheet.notes, *sheet.run_notes])
    lines += ["", markdown_text(notes), *(f"- **{markdown_text(warning)}**" for warning in sheet.warnings)]
    return "\n".join(lines) + "\n"


def _emphasised(line: Line) -> list[str]:
    return [f"**{text}**" if place in line.bold else text for place, text in enumerate(line.texts)]


def _line(fields: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(markdown_text(text) for text in fields) + " |"


def markdown_text(text: str) -> str:
    """Text on one line, with what Markdown would take for a column, a tag, a link or code escaped."""
    text = visible(" ".join(text.split("\n")), newlines=False)
    text = text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("](", "]\\(")


def to_csv(sheet: Sheet) -> str:
    """Comma-separated values with full precision, in the units of the table."""
    stream = io.StringIO()
    keys = list(dict.fromkeys(key for line in sheet.lines for key in line.values))
    writer = csv.writer(stream)
    writer.writerow([harmless(key) for key in keys])
    writer.writerows([harmless(line.values.get(key, "")) for key in keys] for line in sheet.lines)
    return stream.getvalue()


def harmless(value: Any) -> Any:
    """A field of CSV that a spreadsheet takes for what it is."""
    if not isinstance(value, str):
        return value
    return visible(f"'{value}" if FORMULA.match(value) else value, newlines=False)


def to_json(sheet: Sheet) -> str:
    """Lines with full precision, in the units of the table; notes and warnings."""
    rows = [{key: _plain(value) for key, value in line.values.items()} for line in sheet.lines]
    return json.dumps({"rows": rows, "notes": sheet.notes, "warnings": sheet.warnings}, indent=1)


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def to_rich(sheet: Sheet, title: str) -> Table:
    """For the terminal."""
    shown = Table(title=cell(title), title_justify="left")
    for heading, is_number in zip(sheet.headings, sheet.numbers, strict=True):
        shown.add_column(cell(heading), justify="right" if is_number else "left", overflow="fold")
    for line in sheet.lines:
        shown.add_row(*(cell(text, "bold" if place in line.bold else "") for place, text in enumerate(line.texts)))
    return shown
