"""One figure per study: every run's mAP and the cells' means, beside what they cost."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from yololab.study.table import PERCENT, StudyTable

DOT = "#4477aa"
MEAN = "#222222"


def draw_study(table: StudyTable, folder: Path) -> Path:
    """Write figure.png: left, mAP per seed (dots) and mean (bar); right, mean mAP against true GFLOPs."""
    count = len(table.rows)
    figure = Figure(figsize=(11, max(2.6, 0.42 * count + 1.6)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    for position, row in enumerate(table.rows):
        values = [PERCENT * value for value in row.cell.values("mAP").values()]
        left.plot(values, [position] * len(values), "o", color=DOT, alpha=0.75, markersize=6)
        left.plot([PERCENT * row.summaries["mAP"].mean], [position], "|", color=MEAN, markersize=18, markeredgewidth=2)
        gflops = row.cell.first.complexity["gflops_train"]
        right.plot([gflops], [PERCENT * row.summaries["mAP"].mean], "o", color=DOT)
        label = "\n".join(row.cell.choices.values()) or "all runs"
        right.annotate(
            label, (gflops, PERCENT * row.summaries["mAP"].mean), (6, 3), textcoords="offset points", fontsize=8
        )
    left.axvline(PERCENT * table.rows[0].summaries["mAP"].mean, color=MEAN, linewidth=0.8, linestyle=":")
    left.set_yticks(range(count), [row.cell.label for row in table.rows])
    left.set_ylim(count - 0.5, -0.5)
    left.set_xlabel("mAP, percent: runs (dots), mean (bar), baseline's mean (dotted)")
    right.set_xlabel("GFLOPs, training form, torch's count")
    right.set_ylabel("mean mAP, percent")
    right.margins(x=0.25, y=0.2)
    for axes in (left, right):
        axes.grid(axis="x", alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    path = folder / "figure.png"
    figure.savefig(path, dpi=130)
    return path
