"""The ablation table of a study: a line per row, mean ± standard deviation over seeds, difference to the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yololab.errors import ConfigError, YololabError, did_you_mean
from yololab.metrics.names import CLASS, metric_named
from yololab.run.record import RunRecord
from yololab.study.baseline import choose_baseline, places_of
from yololab.study.columns import USUAL_COSTS, Column, Result, columns
from yololab.study.environment import differences, told
from yololab.study.judgement import Judgement, judge, summarise
from yololab.study.registration import Registration
from yololab.study.rows import Grouping, Row, group_rows
from yololab.study.sheet import Sheet, best_places, make_line
from yololab.study.table_notes import notes_of

METRICS = ("mAP", "mAP50")
MASK_METRICS = ("mask_mAP", "mask_mAP50")
"""Shown beside METRICS where every run has masks."""


@dataclass(frozen=True)
class Question:
    """What a study was made to answer; see `study` in conf/train.yaml."""

    baseline: Mapping[str, str] | None = None
    """Choices that name the baseline row; without them, the plain one"""
    smallest_effect: float | None = None
    """In percent points of mAP, the smallest difference that matters"""
    strict: bool = False
    """Refuse a table in which anything but what was swept differs"""
    metrics: tuple[str, ...] = ()
    """To show; without them, METRICS"""
    compare: str = ""
    """The metric whose differences are judged; without it, mAP"""
    costs: tuple[str, ...] = USUAL_COSTS
    most_seeds: int | None = None
    """Where study.seeds=auto ends; None where the number of seeds was chosen before"""


@dataclass(frozen=True)
class StudyTable:
    """Results, the baseline first, the columns that show them, and what a reader must know about them."""

    results: list[Result]
    columns: list[Column]
    warnings: list[str]
    notes: list[str] = field(default_factory=list)
    """How the numbers came about"""
    controls: list[Result] = field(default_factory=list)
    """Rows against their controls"""
    factors: tuple[str, ...] = ()
    """Headings of the columns that tell rows apart"""
    compared: str = "mAP"
    question: Question = Question()  # frozen

    def sheet(self) -> Sheet:
        """The table as formats write it: rows, then comparisons with controls."""
        every = [*self.results, *self.controls]
        bold = best_places(every, self.columns, self.compared)
        lines = tuple(make_line(result, self.columns, places) for result, places in zip(every, bold, strict=True))
        return Sheet(
            tuple(column.heading for column in self.columns),
            tuple(column.is_number for column in self.columns),
            lines,
            tuple(self.notes),
            tuple(self.warnings),
        )


def build_table(
    records: Sequence[RunRecord],
    question: Question = Question(),  # frozen
    study: Path | None = None,
    unfinished: Sequence[str] = (),
    registration: Registration | None = None,
) -> StudyTable:
    """Group, summarise and compare. `study` is the runs' folder; `unfinished` says which of its runs have no record.

    YololabError where `question.strict` and something differs that nobody swept; ConfigError where no row is the
    baseline that was asked for.
    """
    grouping = group_rows(records)
    baseline, chosen = choose_baseline(grouping.rows, question.baseline)
    confounds = _confounds(grouping, records)
    if question.strict and confounds:
        raise YololabError("--strict: " + "; ".join(confounds))
    rows = [grouping.rows[baseline], *(row for i, row in enumerate(grouping.rows) if i != baseline)] if records else []
    compared = question.compare or "mAP"
    _require_classes(records, (*question.metrics, compared))
    primary, unmet = _primary(rows, compared, registration)
    judgement = judge(rows, question.smallest_effect, study, compared, primary, question.most_seeds)
    metrics = _metrics(records, question, compared)
    results = [_result(rows, index, metrics, judgement, primary) for index in range(len(rows))]
    controls = [
        Result(rows[control.attended], {}, difference, control=control.kind)
        for control, difference in judgement.controls
    ]
    warnings = [*confounds, *([chosen] if chosen else []), *_missing(grouping, rows), *unfinished]
    warnings += [*(registration.remarks if registration else ()), *unmet, *filter(None, [judgement.remark])]
    shown = columns(grouping.columns, metrics, compared, question.costs, registered=bool(primary))
    notes = notes_of(grouping, rows, judgement, compared, records, question.costs, bool(primary))
    if registration is not None:
        notes += registration.notes
    return StudyTable(results, shown, warnings, notes, controls, grouping.columns, compared, question)


def _metrics(records: Sequence[RunRecord], question: Question, compared: str) -> tuple[str, ...]:
    """What is shown, the metric that is compared among it."""
    has_masks = all(MASK_METRICS[0] in record.metrics for record in records)
    chosen = question.metrics or (METRICS + MASK_METRICS if has_masks else METRICS)
    return chosen if compared in chosen else (compared, *chosen)


def _primary(rows: Sequence[Row], compared: str, registration: Registration | None) -> tuple[frozenset[int], list[str]]:
    """Places of the rows that were named before the first run, and why there are none where some were named."""
    if registration is None or not registration.holds or not rows:
        return frozenset(), []
    if metric_named(registration.metric) != compared:
        return frozenset(), [f"the primary metric is {registration.metric}, so no row of this table is confirmatory"]
    if registration.baseline is not None and 0 not in places_of(rows, registration.baseline):
        return frozenset(), ["the baseline is not the one that was registered, so no row is confirmatory"]
    found = frozenset(places_of(rows, registration.contrast)) - {0}
    named = ", ".join(f"{key}={value}" for key, value in registration.contrast.items())
    return found, [] if found else [f"no row has the registered contrast {named}, so none is confirmatory"]


def _require_classes(records: Sequence[RunRecord], metrics: Sequence[str]) -> None:
    """ConfigError for the AP of a class that no run has."""
    known = sorted({name for record in records for name in record.per_class})
    for metric in metrics:
        name = metric.removeprefix(CLASS)
        if metric.startswith(CLASS) and name not in known:
            raise ConfigError(f"{metric}: no class {name!r}{did_you_mean(name, known)}; there are {', '.join(known)}")


def _result(
    rows: Sequence[Row], index: int, metrics: Sequence[str], judgement: Judgement, primary: frozenset[int]
) -> Result:
    row = rows[index]
    summaries = {name: summarise(list(row.values(name).values())) for name in metrics}
    same = index and row.records and row.run_ids == rows[0].run_ids
    role = "the same runs" if same else "" if index else "baseline"
    difference, best = judgement.differences.get(index), index in judgement.best
    return Result(row, summaries, difference, role, confirmatory=index in primary, best=best)


def _confounds(grouping: Grouping, records: Sequence[RunRecord]) -> list[str]:
    """What differs beside what was swept, by name."""
    found = []
    for other in dict.fromkeys(grouping.bound.values()):
        bound = [column for column, leader in grouping.bound.items() if leader == other]
        found.append(f"not only {other} differs between rows: {', '.join(bound)} never changes without it")
    around = differences(records)
    for name in ("code", "device", "threads", "torch"):
        if name in around:
            found.append(f"not only what you swept differs: {name} is {told(around.pop(name))}")
    if around:
        found.append("not only what you swept differs: " + "; ".join(f"{k} is {told(v)}" for k, v in around.items()))
    if len({record.data_fingerprint for record in records}) > 1:
        found.append("rows were made on different data (fingerprints differ); not compared where the images are others")
    return found


def _missing(grouping: Grouping, rows: Sequence[Row]) -> list[str]:
    """Runs that are not there, or that enter no number."""
    found = []
    all_seeds = sorted({seed for row in rows for seed in row.records})
    for row in rows:
        lacking = [str(seed) for seed in all_seeds if seed not in row.records]
        if lacking and row.records:
            found.append(f"{row.label}: no usable run for seed {', '.join(lacking)}")
        for out in row.left_out:
            where = f"{row.label}, seed {out.record.seed} ({out.record.run_id})"
            found.append(f"{where}: {out.reason}, so it enters no number")
    for out in grouping.dropped:
        found.append(f"{out.record.run_id} was left out: {out.reason}, and nothing else tells them apart")
    if len(all_seeds) == 1:
        found.append("one seed: differences of about 2 mAP on small data, 0.3 on COCO, are noise")
    return found
