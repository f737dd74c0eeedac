"""A table as every format writes it: headings, lines of text with full-precision values beside, notes, warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yololab.study.columns import Column, Result

MOST_LISTED = 60
"""Runs that a note lists; beyond that CSV, JSON and HTML do"""


@dataclass(frozen=True)
class Line:
    """One line: a text for every heading."""

    texts: tuple[str, ...]
    values: Mapping[str, Any]
    bold: frozenset[int] = frozenset()
    """Places of texts that are to be seen first"""
    label: str = ""
    run_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """What a format needs to know, and nothing of how it came about."""

    headings: tuple[str, ...]
    numbers: tuple[bool, ...]
    """Which columns hold numbers"""
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def run_notes(self) -> tuple[str, ...]:
        """Ids of the runs behind every line, for formats that have no better place for them."""
        listed = [line for line in self.lines if line.run_ids]
        if not 0 < sum(len(line.run_ids) for line in listed) <= MOST_LISTED:
            return ()
        return ("Runs: " + "; ".join(f"{line.label}: {' '.join(line.run_ids)}" for line in listed) + ".",)


def make_line(result: Result, columns: Sequence[Column], bold: frozenset[int]) -> Line:
    """A result in these columns."""
    values: dict[str, Any] = {}
    for column in columns:
        values |= column.values(result)
    ids = () if result.control else tuple(record.run_id for record in result.row.records.values())
    texts = tuple(column.text(result) for column in columns)
    return Line(texts, values | {"runs": " ".join(ids)}, bold, result.row.label, ids)


def best_places(results: Sequence[Result], columns: Sequence[Column], compared: str) -> list[frozenset[int]]:
    """Which texts of every line are bold: the best mean of each metric, and where it is compared, its ties too."""
    found: list[set[int]] = [set() for _ in results]
    rows = [index for index, result in enumerate(results) if not result.control and result.row.records]
    if len(rows) < 2:
        return [frozenset() for _ in results]
    for place, column in enumerate(columns):
        if column.metric == compared and any(results[index].best for index in rows):
            best = [index for index in rows if results[index].best]
        elif column.metric:
            means = {index: results[index].summaries[column.metric].mean for index in rows}
            known = {index: mean for index, mean in means.items() if mean == mean}
            best = [index for index, mean in known.items() if mean == max(known.values())]
        else:
            best = []
        for index in best:
            found[index].add(place)
    return [frozenset(places) for places in found]
