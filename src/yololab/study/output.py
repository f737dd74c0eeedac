"""What a study gives out: table files and a figure beside its runs, and the table in the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from yololab.files import collector_paused, write_text
from yololab.study.figure import draw_study
from yololab.study.formats import to_csv, to_json, to_markdown, to_rich
from yololab.study.records import read_study
from yololab.study.registration import note_look
from yololab.study.sheet import Sheet
from yololab.study.table import Question, StudyTable, build_table
from yololab.terminal import is_screen, say, say_note, show

FILE_WIDTH = 150
"""Columns of the table where the output is no terminal."""
FIGURES = ("figure.png", "figure.svg", "figure.pdf")
WRITERS = {"table.md": to_markdown, "table.csv": to_csv, "table.json": to_json}


def table_of(folder: Path, asked: Question | None = None) -> StudyTable | None:
    """The table of a study; None where no run is finished. What is `asked` counts before what its runs say."""
    with collector_paused():
        return _table_of(folder, asked)


def _table_of(folder: Path, asked: Question | None) -> StudyTable | None:
    reading = read_study(folder)
    if not reading.records:
        return None
    question = reading.question
    if asked is not None:
        question = replace(
            question,
            baseline=asked.baseline or question.baseline,
            smallest_effect=asked.smallest_effect or question.smallest_effect,
            strict=asked.strict,
            metrics=asked.metrics,
            compare=asked.compare or question.compare,
            costs=asked.costs,
        )
    note_look(folder, len({record.run_id for record in reading.records}))
    return build_table(reading.records, question, folder, reading.unfinished, reading.registration)


def write_study(folder: Path, asked: Question | None = None) -> StudyTable | None:
    """Write the table files and the figure of a study; None where no run is finished."""
    table = table_of(folder, asked)
    if table is None:
        return None
    sheet = table.sheet()
    for name, write in WRITERS.items():
        write_text(folder / name, write(sheet))
    draw_study(table, folder)
    return table


def wide_console(console: Console | None = None) -> Console:
    """A console with room for a table where the output is no terminal."""
    console = console or Console()
    return console if is_screen(console) else Console(width=max(console.width, FILE_WIDTH))


def print_study(folder: Path, console: Console | None = None, asked: Question | None = None) -> StudyTable | None:
    """Write the files of a study; print its table, what a reader must know, and where everything lies.

    None where no run is finished.
    """
    console = wide_console(console)
    table = write_study(folder, asked)
    if table is None:
        say(f"{folder}: no finished run yet", console)
        return None
    say("", console)
    print_sheet(table.sheet(), f"Study {folder.name}", console)
    where = (
        f"runs    {folder}/<run id>/\n"
        f"tables  {', '.join(str(folder / name) for name in WRITERS)}\n"
        f"figure  {', '.join(str(folder / name) for name in FIGURES)}"
    )
    say(where, console)
    return table


def print_sheet(sheet: Sheet, title: str, console: Console) -> None:
    """A sheet for the terminal, with its notes and warnings."""
    show(to_rich(sheet, title), console)
    for note in (*sheet.notes, *sheet.run_notes):
        say(note, console, style="dim", wrap=True)
    for warning in sheet.warnings:
        say_note(warning, console, wrap=True)
