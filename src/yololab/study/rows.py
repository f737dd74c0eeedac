"""Rows of a study's table: runs that differ in nothing but the seed, and what tells one row from another."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yololab.config.identity import flat, is_science
from yololab.config.target import TARGET
from yololab.run.record import RunRecord

PLAIN = ("none", "default")
"""Choices that mean "nothing added"; a row of such choices is the baseline."""


@dataclass(frozen=True)
class Row:
    """One configuration and its runs, by seed."""

    choices: Mapping[str, str]
    """What sets it apart from the study's other rows"""
    records: Mapping[int, RunRecord]

    @property
    def label(self) -> str:
        """ "attention=cbam, insert_pos=neck"; "(all)" where the study has one row."""
        return ", ".join(f"{key}={value}" for key, value in self.choices.items()) or "(all)"

    def values(self, metric: str) -> dict[int, float]:
        """A metric by seed."""
        return {seed: record.metrics[metric] for seed, record in self.records.items()}

    @property
    def run_ids(self) -> frozenset[str]:
        """Ids of its runs."""
        return frozenset(record.run_id for record in self.records.values())

    @property
    def first(self) -> RunRecord:
        """Any record of the row, for what all of them share."""
        return next(iter(self.records.values()))


def group_rows(records: Sequence[RunRecord]) -> list[Row]:
    """Rows of a study, the baseline first, then by label.

    Rows differ in a group's choice, or in a key that differs between runs whose choices are all the same (what
    differs between choices is told by the choice).
    """
    settings = [{**_choices(record), **_values(record)} for record in records]
    varying = _varying_groups(records) + _varying_keys(records)
    grouped: dict[tuple[str | None, ...], dict[int, RunRecord]] = defaultdict(dict)
    for record, found in zip(records, settings, strict=True):
        grouped[tuple(found.get(key) for key in varying)][record.seed] = record
    rows = []
    for values, runs in grouped.items():
        choices = {key: value for key, value in zip(varying, values, strict=True) if value is not None}
        rows.append(Row(choices, dict(sorted(runs.items()))))
    return sorted(rows, key=lambda row: (-_plainness(row), row.label))


def _plainness(row: Row) -> int:
    return sum(value in PLAIN for value in row.choices.values())


def _varying_groups(records: Sequence[RunRecord]) -> list[str]:
    names = sorted({name for record in records for name in _choices(record)})
    return [name for name in names if len({_choices(record).get(name) for record in records}) > 1]


def _varying_keys(records: Sequence[RunRecord]) -> list[str]:
    alike: dict[str, list[dict[str, str]]] = defaultdict(list)
    for record in records:
        alike[json.dumps(_choices(record), sort_keys=True)].append(_values(record))
    found: set[str] = set()
    for group in alike.values():
        for key in {name for values in group for name in values}:
            if len({values.get(key) for values in group}) > 1:
                found.add(key)
    return sorted(found)


def _choices(record: RunRecord) -> dict[str, str]:
    return {key: str(value) for key, value in record.choices.items() if "/" not in key and is_science(key)}


def _values(record: RunRecord) -> dict[str, str]:
    """Settings by dotted key, as text; `seed` and the classes that choices name are told by other columns."""
    shown = {key: value for key, value in flat(record.science).items() if key != "seed" and not key.endswith(TARGET)}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in shown.items()}
