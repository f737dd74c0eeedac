"""Which rows are controls of which: an attention's placebo, its frozen self, a baseline widened to its cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from yololab.config.identity import canonical_json, flat, is_science
from yololab.run.record import RunRecord
from yololab.study.kinds import CONTROL_KEYS, kind_of
from yololab.study.rows import Row


@dataclass(frozen=True)
class Control:
    """One row and the row that shows what it would be without its mechanism, by their places."""

    attended: int
    control: int
    kind: str
    """placebo, random gate or widened baseline"""


def find_controls(rows: Sequence[Row]) -> list[Control]:
    """Every pair of rows that differ in nothing but a control of the attention of one of them."""
    kinds = [kind_of(row.first) for row in rows]
    twins: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.records:
            twins[_but_for_its_control(row.first)].append(place)
    return [
        Control(attended, other, str(kinds[other]))
        for members in twins.values()
        for attended in members
        if kinds[attended] is None
        for other in members
        if kinds[other] is not None
    ]


def _but_for_its_control(record: RunRecord) -> str:
    """Choices and settings, as one text, but for the seed and what makes a run a control."""
    science: dict[str, Any] = {
        key: value for key, value in flat(record.science).items() if key not in (*CONTROL_KEYS, "seed")
    }
    choices = {key: value for key, value in record.choices.items() if "/" not in key and is_science(key)}
    return canonical_json([choices, science])
