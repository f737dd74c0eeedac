"""The figure of a study, as PNG, SVG and PDF: seeds, differences and cost side by side, rows by name and number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from yololab.files import whole_file
from yololab.study.plots import draw_cost, draw_differences, draw_scores, drawn_rows
from yololab.study.table import StudyTable
from yololab.terminal import drawn_text

FORMATS = ("png", "svg", "pdf")
NAME = "figure"
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "yololab",  # the same figure is the same file
    "font.size": 9,
    "pdf.fonttype": 42,  # TrueType, which journals ask for, and text stays text
    "svg.fonttype": "path",  # letters as outlines: no font is needed where it is shown
    "axes.edgecolor": "#8b97a3",
    "axes.labelcolor": "#1f2328",
    "axes.titlesize": 10,
}


def draw_study(table: StudyTable, folder: Path) -> list[Path]:
    """Write figure.png, figure.svg and figure.pdf; where they are."""
    return save(study_figure(table), folder / NAME)


def study_figure(table: StudyTable) -> Figure:
    """Scores by seed, differences to the baseline where there are any, and accuracy against GFLOPs."""
    rows = drawn_rows(table)
    compares = any(result.difference is not None for result in rows)
    with styled():
        figure = Figure(figsize=(11, max(2.6, 0.3 * len(rows) + 1.5)), layout="constrained")
        panels = figure.subplots(1, 3 if compares else 2, width_ratios=[4, 4, 4] if compares else [3, 2])
        draw_scores(panels[0], table)
        panels[0].set_title("every seed, and the mean", loc="left")
        if compares:
            draw_differences(panels[1], table, names=False)
            panels[1].set_title("against the baseline", loc="left")
        draw_cost(panels[-1], table, "gflops_train")
        panels[-1].set_title("accuracy and cost", loc="left")
        study = table.results[0].row.first.study
        left_out = len(table.results) - len(rows)
        more = f" ({left_out} further rows are not drawn)" if left_out else ""
        figure.suptitle(drawn_text(f"{study}{more}"), x=0.01, ha="left", fontsize=11)
    return figure


def save(figure: Figure, stem: Path, formats: tuple[str, ...] = FORMATS) -> list[Path]:
    """Write a figure in every format, each whole or not at all, without the time it was made."""
    found = []
    dates: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    for kind in formats:
        path = stem.with_name(f"{stem.name}.{kind}")
        with styled(), whole_file(path) as temporary:
            figure.savefig(temporary, dpi=150, format=kind, metadata=dates.get(kind))
        found.append(path)
    return found


def single(draw: Callable, width: float, height: float) -> Figure:
    """A figure of one drawing, in inches; `draw` takes its axes."""
    with styled():
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure.subplots())
    return figure


@contextmanager
def styled() -> Iterator[None]:
    """With the style of all figures."""
    with matplotlib.rc_context(STYLE):
        yield
