"""Files of a study: table.md, table.csv, table.json and a figure, written beside the runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yololab.files import write_text
from yololab.study.figure import draw_study
from yololab.study.record import read_cells
from yololab.study.table import StudyTable, build_table, to_csv, to_json, to_markdown


@dataclass(frozen=True)
class StudyFiles:
    """The table and where it was written."""

    table: StudyTable
    tables: list[Path]
    figure: Path


def write_study(folder: Path) -> StudyFiles | None:
    """Write the table files and the figure of a study; None where no run is finished."""
    records = read_cells(folder)
    if not records:
        return None
    table = build_table(records)
    texts = {"table.md": to_markdown(table), "table.csv": to_csv(table), "table.json": to_json(table)}
    for name, text in texts.items():
        write_text(folder / name, text)
    return StudyFiles(table, [folder / name for name in texts], draw_study(table, folder))
