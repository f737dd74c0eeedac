"""One figure per study: every run's mAP and the rows' means, beside what they cost."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from yololab.files import whole_file
from yololab.study.columns import heading_of
from yololab.study.judgement import percents
from yololab.study.table import StudyTable
from yololab.terminal import drawn_text

DOT = "#4477aa"
MEAN = "#222222"
NARROW = 0.05
"""Costs that differ by less than this share are drawn side by side, not apart."""


def draw_study(table: StudyTable, folder: Path) -> Path:
    """Write figure.png: left, the metric per seed (dots) and its mean (bar); right, the mean against true GFLOPs."""
    count = len(table.results)
    figure = Figure(figsize=(11, max(2.6, 0.42 * count + 1.6)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    for position, result in enumerate(table.results):
        values = list(percents(result.row, table.compared).values())
        mean = result.summaries[table.compared].mean
        left.plot(values, [position] * len(values), "o", color=DOT, alpha=0.75, markersize=6)
        left.plot([mean], [position], "|", color=MEAN, markersize=18, markeredgewidth=2)
        gflops = result.row.first.complexity["gflops_train"]
        right.plot([gflops], [mean], "o", color=DOT)
    left.axvline(table.results[0].summaries[table.compared].mean, color=MEAN, linewidth=0.8, linestyle=":")
    left.set_yticks(range(count), [drawn_text(result.row.label) for result in table.results])
    left.set_ylim(count - 0.5, -0.5)
    metric = drawn_text(heading_of(table.compared))
    left.set_xlabel(f"{metric}, percent: runs (dots), mean (bar), baseline's mean (dotted)")
    right.set_xlabel("GFLOPs, training form, torch's count")
    right.set_ylabel(f"mean {metric}, percent")
    by_score = sorted(table.results, key=lambda result: result.summaries[table.compared].mean)
    for position, result in enumerate(by_score):  # labels to the right and left in turn, so that neighbours keep apart
        place = (result.row.first.complexity["gflops_train"], result.summaries[table.compared].mean)
        label = drawn_text(", ".join(result.row.choices.values()) or "all runs")
        shift, side = ((8, -3), "left") if position % 2 == 0 else ((-8, -3), "right")
        right.annotate(label, place, shift, textcoords="offset points", ha=side, fontsize=8)
    right.margins(y=0.25)
    right.ticklabel_format(useOffset=False)
    right.locator_params(axis="x", nbins=4)
    costs = [result.row.first.complexity["gflops_train"] for result in table.results]
    spread = max(max(costs) - min(costs), NARROW * max(costs))
    right.set_xlim(min(costs) - 0.6 * spread, max(costs) + 0.6 * spread)  # room for the labels
    for axes in (left, right):
        axes.grid(axis="x", alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    path = folder / "figure.png"
    with whole_file(path) as temporary:
        figure.savefig(temporary, dpi=130, format="png")
    return path
