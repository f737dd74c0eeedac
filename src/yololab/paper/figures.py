"""A study's figures for a paper: PDF with embedded fonts and SVG, each in the width of one column and of two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes

from yololab.study.figure import save, single
from yololab.study.plots import draw_cost, draw_curves, draw_differences, draw_scores, drawn_rows
from yololab.study.table import StudyTable

WIDTHS = {"single": 3.25, "double": 6.75}
"""Inches; CVPR's column is 3.25, IEEE's 3.5, and two are 6.875 and 7.16: nothing needs to be scaled up"""
FORMATS = ("pdf", "svg")
ROW, FRAME = 0.19, 0.75
"""Inches of a row and of everything around the rows"""


def write_figures(table: StudyTable, folder: Path) -> list[Path]:
    """scores, differences, cost and curves, where there is something to show."""
    rows = ROW * len(drawn_rows(table)) + FRAME
    drawings: dict[str, tuple[Callable[[Axes], object], float]] = {
        "scores": (lambda axes: draw_scores(axes, table), rows),
        "cost_gflops": (lambda axes: draw_cost(axes, table, "gflops_train"), 2.3),
        "cost_parameters": (lambda axes: draw_cost(axes, table, "params_train"), 2.3),
    }
    if any(result.difference is not None for result in table.results):
        drawings["differences"] = (lambda axes: draw_differences(axes, table), rows)
    if _has_curves(table):
        drawings["curves"] = (lambda axes: draw_curves(axes, table), 2.5)
    found = []
    for name, (draw, height) in drawings.items():
        for width, inches in WIDTHS.items():
            found += save(single(draw, inches, height), folder / f"{name}_{width}", FORMATS)
    return found


def _has_curves(table: StudyTable) -> bool:
    key = f"val/{table.compared}"
    return any(sum(key in row for row in one.row.first.curve) > 1 for one in table.results)
