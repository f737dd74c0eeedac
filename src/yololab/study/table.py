"""The ablation table of a study: a line per row, mean ± standard deviation over seeds, difference to the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yololab.errors import YololabError
from yololab.run.record import RunRecord
from yololab.study.columns import Column, Result, columns
from yololab.study.environment import differences, told
from yololab.study.judgement import Judgement, choose_baseline, judge, summarise
from yololab.study.rows import WIDENED, Grouping, Row, group_rows

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


@dataclass(frozen=True)
class StudyTable:
    """Results, the baseline first, the columns that show them, and what a reader must know about them."""

    results: list[Result]
    columns: list[Column]
    warnings: list[str]
    notes: list[str] = field(default_factory=list)
    """How the numbers came about"""


def build_table(
    records: Sequence[RunRecord],
    question: Question = Question(),  # frozen
    study: Path | None = None,
    unfinished: Sequence[str] = (),
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
    judgement = judge(rows, 0, question.smallest_effect, study)
    has_masks = all(MASK_METRICS[0] in record.metrics for record in records)
    metrics = METRICS + MASK_METRICS if has_masks else METRICS
    results = [_result(rows, index, metrics, judgement) for index in range(len(rows))]
    warnings = [*confounds, *([chosen] if chosen else []), *_missing(grouping, rows), *unfinished]
    return StudyTable(results, columns(grouping.columns, metrics), warnings, _notes(grouping, rows, judgement))


def _result(rows: Sequence[Row], index: int, metrics: Sequence[str], judgement: Judgement) -> Result:
    row = rows[index]
    summaries = {name: summarise(list(row.values(name).values())) for name in metrics}
    same = index and row.records and row.run_ids == rows[0].run_ids
    return Result(
        row, summaries, judgement.differences.get(index), "the same runs" if same else "" if index else "baseline"
    )


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


def _notes(grouping: Grouping, rows: Sequence[Row], judgement: Judgement) -> list[str]:
    size = rows[0].first.complexity["image_size"] if rows else 0
    notes = ["mAP in percent, mean ± standard deviation over seeds, last epoch."]
    if judgement.differences:
        seeds = sorted({seed for row in rows for seed in row.records})
        images = rows[0].first.images.get("val")
        notes.append(
            f"Δ: least squares with seeds as blocks, simultaneous 95% intervals against the baseline (Dunnett) over "
            f"{judgement.covers}; p from the same distribution. {len(seeds)} seeds"
            + (f", {images} validation images." if images else ".")
        )
        if judgement.method:
            notes.append(f"Judged {judgement.method}.")
        if judgement.smallest_p > 0.05:
            notes.append(
                f"An exact sign-flip test cannot give less than p = {judgement.smallest_p:g} with these seeds: what "
                "stands here rests on normal errors."
            )
    notes.append(f"Parameters and GFLOPs (2 per multiply-add, torch's counter) of the training form at {size} pixels.")
    if any(str(row.choices.get("attention", "")).startswith(WIDENED) for row in rows):
        notes.append("A widened baseline has other widths, so it cannot start from the same weights as the other rows.")
    for group, keys in grouping.folded.items():
        shown = ", ".join(keys[:4]) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "")
        notes.append(f"{group} also sets {shown}.")
    return notes
