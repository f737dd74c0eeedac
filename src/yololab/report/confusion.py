"""What is taken for what: a confusion matrix as a drawing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yololab.pages.svg import figure, shortened, text
from yololab.study.publish import html_text

CELL, LEFT, TOP = 58.0, 104.0, 26.0
MOST_CLASSES = 12
MOST_LETTERS = 13


def confusion(counts: np.ndarray, classes: Sequence[str], title: str) -> str:
    """Rows are labels, columns predictions, the last of each is nothing; shades are shares of a row.

    Nothing for more than MOST_CLASSES classes, which no page has room for.
    """
    if len(classes) > MOST_CLASSES:
        return ""
    names = [*classes, "nothing"]
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    parts = []
    for row, name in enumerate(names):
        y = TOP + CELL * row * 0.6
        parts.append(text(LEFT - 8, y + CELL * 0.3 + 4, shortened(name, MOST_LETTERS), "tick end", name))
        for column, other in enumerate(names):
            count, share = int(counts[row, column]), float(counts[row, column] / totals[row, 0])
            told = f"labelled {name}, predicted {other}: {count:,} ({share:.0%} of the row)"
            x = LEFT + CELL * column
            kind = "right" if row == column else "wrong"
            parts.append(
                f'<rect class="cell {kind}" x="{x:.1f}" y="{y:.1f}" width="{CELL - 2}" height="{CELL * 0.6 - 2:.1f}" '
                f'fill-opacity="{0.04 + 0.7 * share:.3f}"><title>{html_text(told)}</title></rect>'
            )
            if count:
                parts.append(text(x + CELL / 2 - 1, y + CELL * 0.3 + 3, f"{count:,}", "count"))
    for column, name in enumerate(names):
        x = LEFT + CELL * (column + 0.5) - 1
        parts.append(text(x, TOP - 8, shortened(name, 8), "tick", name))
    width, height = LEFT + CELL * len(names), TOP + CELL * 0.6 * len(names)
    return figure(title, width, height, parts, "matrix")
