"""A study read from its run folders: records, what has none, and what the study was made to answer."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from yololab.errors import YololabError
from yololab.files import collector_paused
from yololab.metrics.names import metric_named
from yololab.run.claim import Watch
from yololab.run.folder import RunFolder, run_folders
from yololab.run.record import RESULTS_FILE, RunRecord, read_record
from yololab.run.status import State
from yololab.study.latency import with_latency
from yololab.study.registration import Registration, read_registration
from yololab.study.table import Question


@dataclass(frozen=True)
class StudyReading:
    """What the folders of a study hold."""

    records: Sequence[RunRecord]
    """A run comes once for each of the choices that it stands for"""
    unfinished: Sequence[str]
    """Runs without a record and records that cannot be read, a line each"""
    question: Question
    registration: Registration | None


def read_study(study: Path) -> StudyReading:
    """Read a study; a damaged run is named and stops no other. YololabError where the folder does not exist."""
    _require(study)
    with collector_paused():
        found, unfinished = records_and_damage(study)
    records: list[RunRecord] = []
    for record in found:
        others = RunFolder(study / record.run_id).other_choices()
        records += [record, *(replace(record, choices=choices) for choices in others)]
    records = with_latency(study, records)
    registration = read_registration(study)
    asked = registration.question if registration and registration.question else _frozen_question(study)
    return StudyReading(
        records,
        [*unfinished, *_without_record(study, {record.run_id for record in found})],
        _question(asked),
        registration,
    )


def read_records(study: Path) -> list[RunRecord]:
    """Records of all finished runs of a study, by run id. YololabError where the folder or a record cannot be read."""
    records, damaged = records_and_damage(study)
    if damaged:
        raise YololabError(damaged[0])
    return records


def sample_of_records(study: Path, most: int) -> list[RunRecord]:
    """Records of at most `most` runs of a study, which ids, being hashes, choose; the damaged ones left out.

    YololabError where the folder does not exist.
    """
    with collector_paused():
        return records_and_damage(study, most)[0]


def records_and_damage(study: Path, most: int | None = None) -> tuple[list[RunRecord], list[str]]:
    """Records of all finished runs of a study, by run id, and what is wrong with those that cannot be read.

    With `most`, of so many folders. YololabError where the folder does not exist.
    """
    _require(study)
    records: list[RunRecord] = []
    damaged: list[str] = []
    for path in _folders(study) if most is None else _finished(study, most):
        try:
            record = read_record(path)
        except YololabError as error:
            damaged.append(str(error))
            continue
        if record is None:
            continue
        if record.run_id != path.name and (study / record.run_id).is_dir():
            damaged.append(f"{path / RESULTS_FILE}: the record of {record.run_id}, whose folder is beside it; left out")
            continue
        records.append(record)
    return records, damaged


def _require(study: Path) -> None:
    if not study.is_dir():
        raise YololabError(f"{study}: no such study folder; expected runs/<study> with run folders inside")


def _folders(study: Path) -> list[Path]:
    return [path for path in sorted(study.iterdir()) if path.is_dir()]


def _finished(study: Path, most: int) -> list[Path]:
    """The first folders with a record."""
    return list(itertools.islice((path for path in _folders(study) if (path / RESULTS_FILE).is_file()), most))


def _without_record(study: Path, read: Collection[str]) -> list[str]:
    """Runs that failed, were cut off or wait: they are no part of the table, and it says so; `read` have a record."""
    watch = Watch()
    found = []
    for folder in run_folders(study):
        if folder.name in read:
            continue
        state = folder.state_seen_by(watch)
        if state.is_finished or state is State.UNREADABLE:  # which is named already
            continue
        status = folder.status()
        ended = state.is_failure or state is State.INTERRUPTED
        reason = status.reason if status is not None and ended else ""
        found.append(f"{folder.name} ({' '.join(folder.overrides())}) is {state}{': ' * bool(reason)}{reason}")
    return found


def _frozen_question(study: Path) -> Mapping[str, Any]:
    """As the study's runs were planned with, where there is no plan.json; of the first that can be read."""
    for folder in run_folders(study):
        try:
            return folder.spec().config.get("study", {})
        except YololabError:
            continue
    return {}


def _question(asked: Mapping[str, Any]) -> Question:
    """A question from the keys of study."""
    metric = (asked.get("primary") or {}).get("metric")
    most_seeds = asked.get("most_seeds") if asked.get("seeds") == "auto" else None
    compared = metric_named(metric) if metric else ""
    return Question(asked.get("baseline"), asked.get("smallest_effect"), compare=compared, most_seeds=most_seeds)
