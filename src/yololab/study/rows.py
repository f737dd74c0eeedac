"""Rows of a study's table: runs that differ in nothing but the seed, and what tells one row from another.

Whatever counts as science and differs between runs is a column, unless a choice that is one implies it: the keys of
attention=eca differ from those of attention=gam because the choices do. Runs that still share a row and a seed are told
apart by what else differs, their data or the state of their code, or one of them is left out and named.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yololab.config.identity import ABSENT, GRAPH_KEYS, LATER, as_text, is_science
from yololab.metrics.names import CLASS
from yololab.run.record import RunRecord
from yololab.study.apart import by_graphs, by_surroundings
from yololab.study.implied import is_implied
from yololab.study.kinds import attention_of
from yololab.study.setting_texts import SettingTexts
from yololab.study.usable import LeftOut, is_defined, why_left_out

PLAIN = ("none", "default", "null")
"""Choices and settings that mean "nothing added"; a row of such choices is the baseline."""
DATA = "data fingerprint"
LATER_TEXTS = {key: as_text(value) for key, value in LATER.items() if key not in GRAPH_KEYS}


@dataclass(frozen=True)
class Row:
    """One configuration and its runs, by seed."""

    choices: Mapping[str, str]
    """What sets it apart from the study's other rows, column by column"""
    records: Mapping[int, RunRecord]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def label(self) -> str:
        """ "attention=cbam, insert_pos=neck"; "(all)" where the study has one row."""
        return ", ".join(f"{key}={value}" for key, value in self.choices.items()) or "(all)"

    def values(self, metric: str) -> dict[int, float]:
        """A metric by seed, a class's as "AP/<class>"; runs for which it is not defined are left out."""
        found = {seed: _value(record, metric) for seed, record in self.records.items()}
        return {seed: value for seed, value in found.items() if is_defined(value)}

    @property
    def run_ids(self) -> frozenset[str]:
        """Ids of its runs."""
        return frozenset(record.run_id for record in self.records.values())

    @property
    def judged_on(self) -> frozenset[str]:
        """Fingerprints of the validation data of its runs."""
        return frozenset(record.data_fingerprint.rpartition("-")[2] for record in self.records.values())

    @property
    def first(self) -> RunRecord:
        """Any record of the row, for what all of them share."""
        return next(iter([*self.records.values(), *(out.record for out in self.left_out)]))


def _value(record: RunRecord, metric: str) -> float:
    if metric.startswith(CLASS):
        return record.per_class.get(metric.removeprefix(CLASS), {}).get("AP", math.nan)
    return record.metrics.get(metric, math.nan)


@dataclass(frozen=True)
class Grouping:
    """All rows, and what a reader must know about how they came about."""

    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    folded: Mapping[str, tuple[str, ...]]
    """Keys that differ because a choice does, by that choice's group"""
    bound: Mapping[str, str]
    """Columns that never change on their own: each with the one that it always changes together with"""
    dropped: tuple[LeftOut, ...]
    """Records of a row and seed that another record has"""


def group_rows(records: Sequence[RunRecord]) -> Grouping:
    """Group a study's records, plainest row first, then by label."""
    texts = SettingTexts()
    settings = [_settings(record, texts) for record in records]
    keys = sorted({key for found in settings for key in found})
    typed = {text.lstrip("+").partition("=")[0] for record in records for text in record.overrides}
    versions = {record.schema_version for record in records}
    newer = {key for key in keys if len(versions) > 1 and key not in typed and _is_lacking(key, settings)}
    varying = [key for key in keys if key not in newer and _varies(key, settings)]
    names = {name for record in records for name in record.choices}
    groups = [key for key in varying if key in names]
    folded = _fold([key for key in varying if key in groups or key not in typed], groups, settings)
    columns = [key for key in varying if key not in folded]
    columns.sort(key=lambda key: (key not in groups, key))
    columns += by_graphs(records, settings, columns)
    columns += by_surroundings(records, settings, columns)
    grouped: dict[tuple[str, ...], list[RunRecord]] = defaultdict(list)
    for record, found in zip(records, settings, strict=True):
        grouped[tuple(found.get(key, ABSENT) for key in columns)].append(record)
    rows, dropped = [], []
    for values, members in grouped.items():
        row, lost = _row(dict(zip(columns, values, strict=True)), members)
        rows.append(row)
        dropped += lost
    rows.sort(key=lambda row: (-_plainness(row), row.label))
    by_group: dict[str, list[str]] = defaultdict(list)
    for key, group in folded.items():
        by_group[group].append(key)
    bound = _bound(columns, rows)
    return Grouping(
        tuple(rows), tuple(columns), {group: tuple(keys) for group, keys in by_group.items()}, bound, tuple(dropped)
    )


def _row(choices: dict[str, str], members: Sequence[RunRecord]) -> tuple[Row, list[LeftOut]]:
    records: dict[int, RunRecord] = {}
    left_out, dropped = [], []
    for record in members:
        reason = why_left_out(record)
        if reason is not None:
            left_out.append(LeftOut(record, reason))
        elif record.seed in records:
            dropped.append(LeftOut(record, f"{records[record.seed].run_id} is the same row and seed"))
        else:
            records[record.seed] = record
    return Row(choices, dict(sorted(records.items())), tuple(left_out)), dropped


def _settings(record: RunRecord, texts: SettingTexts) -> dict[str, str]:
    """Choices of groups and settings by dotted key, as text, and which data they were made on.

    Without keys that only shape the graph: choices tell them, and where those do not, `by_graphs` does.
    """
    choices = {key: str(value) for key, value in record.choices.items() if "/" not in key and is_science(key)}
    kept = {key: value for key, value in record.science.items() if key not in GRAPH_KEYS and key != "seed"}
    values = LATER_TEXTS | texts.of(kept)
    control = attention_of(record)
    if control is not None:
        choices["attention"] = control
    return {**values, **choices, DATA: record.data_fingerprint}


def _is_lacking(key: str, settings: Sequence[Mapping[str, str]]) -> bool:
    """Whether records differ by whether they have a key, not by its value: it came with a later version."""
    return len({found[key] for found in settings if key in found}) == 1


def _varies(key: str, settings: Sequence[Mapping[str, str]]) -> bool:
    return len({found.get(key, ABSENT) for found in settings}) > 1


def _fold(varying: Sequence[str], groups: Sequence[str], settings: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Keys and groups that are told by another group's choice, with that group; presets before what they choose.

    What a group brings that a preset chooses, the preset brings; a key that somebody typed is nobody's but theirs.
    """
    chosen = {group: frozenset(found.get(group, ABSENT) for found in settings) for group in groups}
    wide = sorted(groups, key=lambda group: -sum(is_implied(other, group, chosen[group]) for other in groups))
    folded: dict[str, str] = {}
    for group in wide:
        teller = folded.get(group, group)
        for key in varying:
            told = is_implied(key, group, chosen[group]) or (key == DATA and group == "data")
            if key not in (group, teller) and key not in folded and told and _follows(key, teller, settings):
                folded[key] = teller
    return folded


def _follows(key: str, other: str, settings: Sequence[Mapping[str, str]]) -> bool:
    """Whether equal values of `other` always come with equal values of `key`."""
    found: dict[str, str] = {}
    return all(
        found.setdefault(one.get(other, ABSENT), one.get(key, ABSENT)) == one.get(key, ABSENT) for one in settings
    )


def _bound(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    """Columns whose value another single column tells; the later of two that tell each other."""
    choices = [row.choices for row in rows]
    found: dict[str, str] = {}
    for column in reversed(columns):
        for other in columns:
            if other != column and _follows(column, other, choices) and found.get(other) != column:
                found[column] = other
                break
    return found


def _plainness(row: Row) -> int:
    return sum(value in PLAIN for value in row.choices.values())
