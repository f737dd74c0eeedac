"""What the texts of a paper say of a study, counted from its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yololab.run.record import RunRecord
from yololab.study.table import StudyTable
from yololab.study.table_notes import SPLITS


@dataclass(frozen=True)
class Facts:
    """Of all runs of a study."""

    name: str
    runs: int
    rows: int
    seeds: tuple[int, ...]
    fewest_seeds: int
    """That any row has"""
    epochs: tuple[int, ...]
    image_sizes: tuple[int, ...]
    batches: tuple[int, ...]
    optimizers: tuple[str, ...]
    images: dict[str, int]
    """By split, of the first run"""
    classes: int
    final: str
    machines: tuple[str, ...]
    hours: float
    """Wall-clock hours of all runs together"""
    memory: float
    """Most bytes that a run's process held; of a GPU where there was one"""
    joules: float
    """That counters of processors and GPUs have measured"""
    measured_parts: tuple[str, ...]
    """cpu and gpu, those of which it has"""
    measured: int
    """Runs whose energy was measured from their first to their last step"""
    libraries: dict[str, str]
    commits: tuple[str, ...]
    dirty: bool
    """Whether a run's code had uncommitted changes"""
    parameters: tuple[int, int]
    """Least and most"""
    data: tuple[str, ...]


def facts_of(table: StudyTable, name: str) -> Facts:
    """Count them."""
    records = records_of(table)
    first = records[0]
    recipes = [record.science.get("recipe", {}) for record in records]
    counts = [int(record.complexity.get("params_train", 0)) for record in records]
    return Facts(
        name=name,
        runs=len(records),
        rows=len(table.results),
        seeds=tuple(sorted({record.seed for record in records})),
        fewest_seeds=min(len(one.row.records) for one in table.results),
        epochs=_all(len(record.curve) for record in records),
        image_sizes=_all(record.science.get("image_size") or record.complexity.get("image_size") for record in records),
        batches=_all(recipe.get("batch_size") for recipe in recipes),
        optimizers=_all(record.training.get("optimizer") for record in records),
        images=dict(first.images),
        classes=len(first.classes or first.per_class),
        final=SPLITS.get(first.final, first.final),
        machines=_all(_machine(record) for record in records),
        hours=sum(record.durations.get("total", 0.0) for record in records) / 3600,
        memory=max(max(record.peak_memory.values(), default=0.0) for record in records),
        joules=sum(sum(record.energy.values()) for record in records if is_measured(record)),
        measured_parts=_all(part for record in records if is_measured(record) for part in record.energy),
        measured=sum(map(is_measured, records)),
        libraries=dict(first.libraries),
        commits=_all(str(record.git.get("commit") or "")[:12] for record in records),
        dirty=any(record.git.get("dirty") for record in records),
        parameters=(min(counts), max(counts)),
        data=_all(record.choices.get("data") for record in records),
    )


def is_measured(record: RunRecord) -> bool:
    """Whether its energy is known: a run that was cut has only that of its last attempt."""
    return bool(record.energy) and record.attempts == 1


def records_of(table: StudyTable) -> list[RunRecord]:
    """Of all runs of a table, each once."""
    return list({r.run_id: r for one in table.results for r in one.row.records.values()}.values())


def _all(values: Sequence | object) -> tuple:
    """Those that are known, each once, sorted."""
    return tuple(sorted({value for value in values if value}))  # type: ignore[union-attr]


def _machine(record: RunRecord) -> str:
    machine = record.machine
    device = str(machine.get("device") or "cpu")
    processor = f"{machine.get('processor', 'unknown processor')} ({machine.get('threads', '?')} threads)"
    return processor if device == "cpu" else f"{device}, {processor}"
