"""Training curves of a study's rows: the mean over seeds by epoch, with the band of its seeds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yololab.pages.scales import axis_over
from yololab.pages.svg import SERIES, below, beside, figure, path
from yololab.study.publish import html_text

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 900.0, 330.0, 46.0, 44.0, 30.0
MOST_ROWS = 12


@dataclass(frozen=True)
class Curve:
    """A row's values, a mapping from epoch to value for each of its seeds."""

    name: str
    seeds: Sequence[Mapping[int, float]]

    def band(self) -> list[tuple[int, float, float, float]]:
        """Epoch, least, mean and most, for the epochs that every seed has."""
        epochs = sorted(set.intersection(*(set(seed) for seed in self.seeds))) if self.seeds else []
        found = []
        for epoch in epochs:
            values = [seed[epoch] for seed in self.seeds]
            if all(math.isfinite(value) for value in values):
                found.append((epoch, min(values), statistics.fmean(values), max(values)))
        return found


def curves(rows: Sequence[Curve], metric: str) -> str:
    """A study's figure with its legend; nothing where no row has two epochs. The first MOST_ROWS rows are drawn."""
    title = f"Validation {metric} by epoch: mean over seeds, band from the worst to the best seed"
    return by_epoch(rows, f"{metric}, percent", title)


def by_epoch(rows: Sequence[Curve], label: str, title: str) -> str:
    """Anything by epoch, with its legend; nothing where no row has two epochs."""
    drawn = [(row, band) for row in rows[:MOST_ROWS] if len(band := row.band()) > 1]
    if not drawn:
        return ""
    across = axis_over([point[0] for _, band in drawn for point in band], LEFT, WIDTH - 12, 0.0, whole=True)
    up = axis_over([value for _, band in drawn for point in band for value in point[1:]], HEIGHT - BOTTOM, TOP)
    parts = [below(across, HEIGHT - BOTTOM, TOP, "epoch"), beside(up, LEFT, WIDTH - 12, label)]
    for place, (row, band) in enumerate(drawn):
        if len(row.seeds) > 1:
            worst = [(across(epoch), up(low)) for epoch, low, _, _ in band]
            best = [(across(epoch), up(high)) for epoch, _, _, high in band]
            parts.append(path([*worst, *best[::-1]], f"band {_colour(place)}", closed=True))
    for place, (_, band) in enumerate(drawn):
        parts.append(path([(across(e), up(mean)) for e, _, mean, _ in band], f"curve {_colour(place)}"))
    left_out = len(rows) - len(drawn)
    more = f"; {left_out} further rows are not drawn" if left_out else ""
    names = "".join(
        f'<span><i class="{_colour(place)}"></i>{html_text(row.name)}</span>' for place, (row, _) in enumerate(drawn)
    )
    return figure(title + more, WIDTH, HEIGHT, parts, "wide") + f"<p class=legend>{names}</p>"


def _colour(place: int) -> str:
    return f"c{place % SERIES}" + (" dashed" if place >= SERIES else "")
