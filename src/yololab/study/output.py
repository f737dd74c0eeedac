"""What a study gives out: table files and a figure beside its runs, and the table in the terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from yololab.files import write_text
from yololab.study.figure import draw_study
from yololab.study.records import read_for_table
from yololab.study.table import StudyTable, build_table, to_csv, to_json, to_markdown, to_rich

FILE_WIDTH = 130
"""Columns of the table where the output is no terminal."""
WRITERS = {"table.md": to_markdown, "table.csv": to_csv, "table.json": to_json}


def write_study(folder: Path) -> StudyTable | None:
    """Write the table files and the figure of a study; None where no run is finished."""
    records = read_for_table(folder)
    if not records:
        return None
    table = build_table(records)
    for name, write in WRITERS.items():
        write_text(folder / name, write(table))
    draw_study(table, folder)
    return table


def print_study(folder: Path, console: Console | None = None) -> None:
    """Write the files of a study; print its table, its warnings and where everything lies."""
    console = console or Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, FILE_WIDTH))
    table = write_study(folder)
    if table is None:
        console.print(f"{escape(str(folder))}: no finished run yet")
        return
    console.print()
    console.print(to_rich(table, f"Study {escape(folder.name)}"))
    for warning in table.warnings:
        console.print(f"[yellow]note:[/yellow] {escape(warning)}")
    runs = sorted({record.run_id for result in table.results for record in result.row.records.values()})
    where = (
        f"runs    {folder}/<run id>/ ({', '.join(runs)})\n"
        f"tables  {', '.join(str(folder / name) for name in WRITERS)}\n"
        f"figure  {folder / 'figure.png'}"
    )
    console.print(where, markup=False, soft_wrap=True)
