"""The drawings of a study, each on axes of matplotlib: figure.png and the figures of a paper are the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from yololab.study.columns import Result, heading_of
from yololab.study.judgement import percents, seeds_share
from yololab.study.row_names import RowNames
from yololab.study.table import StudyTable
from yololab.terminal import drawn_text

BLUE, ORANGE, INK, QUIET, SHADE, FAINT = "#0072b2", "#d55e00", "#1f2328", "#5b646e", "#dfeaf3", "#9cc4dd"
SERIES = (BLUE, ORANGE, "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#5b646e", "#7a3fa0")
"""Okabe and Ito's, darkened where they are too light for lines"""
MOST_ROWS, MOST_CURVES, MOST_LETTERS = 40, 8, 34
LABEL = (20, 11)
"""Points that a row's number takes"""
BESIDE = ((5, 3), (5, -11), (-12, 3), (-12, -11))
"""Where it may stand, in points from its own, best first"""
COST_NAMES = {"params_train": "parameters", "gflops_train": "GFLOPs, training form", "latency_ms": "latency, ms"}


def drawn_rows(table: StudyTable) -> list[Result]:
    """Those that a figure has room for, the baseline first."""
    return table.results[:MOST_ROWS]


def names_of(table: StudyTable) -> list[str]:
    """Of drawn_rows, numbered where there are several."""
    names = RowNames(table)
    found = [_shortened(names.of(result)) for result in drawn_rows(table)]
    return [f"{name}  {number}" for number, name in enumerate(found, 1)] if len(found) > 1 else found


def draw_scores(axes: Axes, table: StudyTable, names: bool = True) -> None:
    """A line per row: every seed, and their mean."""
    rows = drawn_rows(table)
    for place, result in enumerate(rows):
        values = list(percents(result.row, table.compared).values())
        axes.plot(values, [place] * len(values), "o", color=BLUE, alpha=0.55, markersize=4, markeredgewidth=0)
        axes.plot([result.summaries[table.compared].mean], [place], "|", color=INK, markersize=12, markeredgewidth=1.8)
    axes.axvline(rows[0].summaries[table.compared].mean, color=QUIET, linewidth=0.8, linestyle=":")
    _rows(axes, names_of(table) if names else [""] * len(rows))
    axes.set_xlabel(f"{_metric(table)}, percent")


def draw_differences(axes: Axes, table: StudyTable, names: bool = True) -> None:
    """A line per row: its difference to the baseline with the simultaneous interval; what is too small is shaded.

    The thick part of an interval is what seeds alone make of it, where images are covered.
    """
    rows, smallest = drawn_rows(table), table.question.smallest_effect
    if smallest:
        axes.axvspan(-smallest, smallest, color=SHADE, linewidth=0)
    axes.axvline(0, color=QUIET, linewidth=0.9)
    for place, result in enumerate(rows):
        if result.difference is None:
            continue
        one, share = result.difference.estimate, seeds_share(result.difference)
        for width, part in ((1.0, 1.0), (2.6, share)) if math.isfinite(share) else ((2.2, 1.0),):
            ends = [one.difference + part * (end - one.difference) for end in (one.low, one.high)]
            if all(map(math.isfinite, ends)):
                axes.plot(ends, [place, place], color=BLUE, linewidth=width, solid_capstyle="round")
        axes.plot([one.difference], [place], "o", color=BLUE, markersize=5)
    _rows(axes, names_of(table) if names else [""] * len(rows))
    axes.set_xlabel(f"difference in {_metric(table)}, points (95%)")


def draw_cost(axes: Axes, table: StudyTable, cost: str, numbers: bool = True) -> None:
    """Mean and standard deviation against a cost, and the line of rows that no other beats.

    Rows by number, where there is room for it: the baseline's and those of that line first.
    """
    rows = drawn_rows(table)
    found = []
    for number, result in enumerate(rows, 1):
        summary = result.summaries[table.compared]
        value = float(result.row.first.complexity.get(cost, math.nan))
        if math.isfinite(value) and math.isfinite(summary.mean):
            found.append((value, summary.mean, summary.std if math.isfinite(summary.std) else 0.0, number))
    best: list[tuple[float, float]] = []
    for value, mean, _, _ in sorted(found, key=lambda one: (one[0], -one[1])):
        if not best or mean > best[-1][1]:
            best.append((value, mean))
    if len(best) > 1:
        axes.step(*zip(*best), where="post", color=ORANGE, linewidth=1, linestyle="--")
    for value, mean, spread, _ in found:
        axes.errorbar([value], [mean], [spread], fmt="o", color=BLUE, ecolor=FAINT, markersize=4.5, linewidth=1)
    axes.margins(x=0.14, y=0.1)
    axes.set_xlabel(COST_NAMES.get(cost, cost))
    axes.set_ylabel(f"{_metric(table)}, percent")
    axes.locator_params(axis="x", nbins=4)
    axes.ticklabel_format(useOffset=False)
    if cost == "params_train":
        axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1e6:g}M" if value >= 1e6 else f"{value / 1e3:g}k")
    _plain(axes)
    if numbers and len(found) > 1:  # when everything around them has its place
        wanted = sorted(found, key=lambda one: (one[3] != 1, (one[0], one[1]) not in best, one[3]))
        places = [(value, mean) for value, mean, *_ in wanted]
        for index, beside in _with_room(axes, places).items():
            axes.annotate(str(wanted[index][3]), places[index], beside, textcoords="offset points", fontsize="small")


def _with_room(axes: Axes, places: Sequence[tuple[float, float]]) -> dict[int, tuple[int, int]]:
    """Where some labels, wanted in this order, stand beside their dots, in points of the page, so that none hides a dot
    or a label before it; those without room are left out."""
    axes.figure.canvas.figure.draw_without_rendering()  # what limits and layout come to is only settled then
    dots = axes.transData.transform(places) * 72 / axes.figure.dpi
    kept: dict[int, tuple[int, int]] = {}
    for index, (x, y) in enumerate(dots):
        for right, up in BESIDE:
            taken = (dots[other] + beside for other, beside in kept.items())
            is_free = all(abs(x + right - left) > LABEL[0] or abs(y + up - low) > LABEL[1] for left, low in taken)
            over = ((x + right - 4 < left < x + right + 9) and (y + up - 4 < low < y + up + 11) for left, low in dots)
            if is_free and not any(over):
                kept[index] = (right, up)
                break
    return kept


def draw_curves(axes: Axes, table: StudyTable) -> bool:
    """Validation by epoch: mean over seeds, band from the worst to the best; False where nothing can be drawn."""
    names, drawn = RowNames(table), 0
    for place, result in enumerate(table.results[:MOST_CURVES]):
        runs = [record.by_epoch(f"val/{table.compared}") for record in result.row.records.values()]
        epochs = sorted(set.intersection(*map(set, runs))) if runs else []
        if len(epochs) < 2:
            continue
        values = [[run[epoch] for run in runs] for epoch in epochs]
        colour = SERIES[place % len(SERIES)]
        axes.plot(epochs, [sum(own) / len(own) for own in values], color=colour, linewidth=1.3,
                  label=drawn_text(_shortened(names.of(result))))  # fmt: skip
        axes.fill_between(epochs, list(map(min, values)), list(map(max, values)), color=colour, alpha=0.15, linewidth=0)
        drawn += 1
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel(f"validation {_metric(table)}, percent")
    _plain(axes)
    if drawn > 1:
        axes.legend(frameon=False, fontsize="small")
    return drawn > 0


def _metric(table: StudyTable) -> str:
    return drawn_text(heading_of(table.compared))


def _shortened(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…"


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [drawn_text(name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="y", length=0)
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.grid(axis="x", alpha=0.2)
    axes.spines[["top", "right"]].set_visible(False)
