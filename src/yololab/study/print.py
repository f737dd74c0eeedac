"""Printing a study: its table, and where everything lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from yololab.study.report import write_study
from yololab.study.table import to_rich

FILE_WIDTH = 130
"""Columns of the table where the output is no terminal."""


def print_study(folder: Path, console: Console | None = None) -> None:
    """Print table, warnings and paths of a study's folder."""
    console = console or Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, FILE_WIDTH))
    files = write_study(folder)
    if files is None:
        console.print(f"{folder}: no finished run yet")
        return
    console.print()
    console.print(to_rich(files.table, f"Study {folder.name}"))
    for warning in files.table.warnings:
        console.print(f"[yellow]note:[/yellow] {warning}")
    console.print(f"runs    {folder}/<run id>/ ({', '.join(sorted(set(_run_ids(files.table))))})", soft_wrap=True)
    console.print(f"tables  {', '.join(str(path) for path in files.tables)}", soft_wrap=True)
    console.print(f"figure  {files.figure}", soft_wrap=True)


def _run_ids(table: Any) -> list[str]:
    return [record.run_id for row in table.rows for record in row.cell.records.values()]
