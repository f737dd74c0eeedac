"""The ablation table of a study: a line per row, mean ± standard deviation over seeds, difference to the baseline."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from yololab.run.record import RunRecord
from yololab.study.columns import Column, Result, columns
from yololab.study.rows import Row, group_rows
from yololab.study.statistics import holm, paired_difference, summarise

METRICS = ("mAP", "mAP50")
MASK_METRICS = ("mask_mAP", "mask_mAP50")
"""Shown beside METRICS where every run has masks."""


@dataclass(frozen=True)
class StudyTable:
    """Results, the baseline first, the columns that show them, and what a reader must know about them."""

    results: list[Result]
    columns: list[Column]
    warnings: list[str]


def build_table(records: Sequence[RunRecord]) -> StudyTable:
    """Group, summarise and compare; p values are those of paired t-tests on mAP, adjusted by Holm."""
    rows = group_rows(records)
    baseline = rows[0].values("mAP") if rows else {}
    same = [next(i for i, other in enumerate(rows) if other.run_ids == row.run_ids) for row in rows]
    differences = [None if first == 0 else paired_difference(rows[first].values("mAP"), baseline) for first in same]
    # One hypothesis per set of runs: a run that stands in two rows is not tested twice.
    tested = holm([math.nan if d is None or same[i] != i else d.p_value for i, d in enumerate(differences)])
    has_masks = all(MASK_METRICS[0] in record.metrics for record in records)
    metrics = METRICS + MASK_METRICS if has_masks else METRICS
    results = []
    for index, (row, difference, first) in enumerate(zip(rows, differences, same, strict=True)):
        summaries = {name: summarise(list(row.values(name).values())) for name in metrics}
        role = "baseline" if index == 0 else "the same runs" if first == 0 else ""
        results.append(Result(row, summaries, difference, tested[first], role))
    choices = list(dict.fromkeys(key for row in rows for key in row.choices))
    return StudyTable(results, columns(choices, metrics), _warnings(rows, records))


def _warnings(rows: Sequence[Row], records: Sequence[RunRecord]) -> list[str]:
    warnings = []
    all_seeds = sorted({record.seed for record in records})
    for row in rows:
        missing = [seed for seed in all_seeds if seed not in row.records]
        if missing:
            warnings.append(f"{row.label}: no finished run for seed {', '.join(map(str, missing))}")
    if len({record.data_fingerprint for record in records}) > 1:
        warnings.append("the runs were made on different data (fingerprints differ)")
    commits = {json.dumps(record.git, sort_keys=True) for record in records}
    if len(commits) > 1:
        warnings.append(f"the runs were made at {len(commits)} different commits or states of the code")
    for row in rows:
        pruned = [str(seed) for seed, record in row.records.items() if record.pruned]
        if pruned:
            warnings.append(f"{row.label}: pruned before its last epoch, seed {', '.join(pruned)}; not a final mAP")
    if len(all_seeds) == 1:
        warnings.append("one seed: differences of about 2 mAP on small data, 0.3 on COCO, are noise")
    return warnings


def to_markdown(table: StudyTable) -> str:
    """A Markdown table, with the warnings below."""
    heads = [column.heading for column in table.columns]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for result in table.results:
        lines.append("| " + " | ".join(column.text(result) for column in table.columns) + " |")
    lines += ["", f"{_legend(table)}"]
    lines += [f"- **{warning}**" for warning in table.warnings]
    return "\n".join(lines) + "\n"


def _legend(table: StudyTable) -> str:
    size = table.results[0].row.first.complexity["image_size"] if table.results else 0
    return (
        f"mAP in percent, mean ± standard deviation over seeds, last epoch; Δ is paired by seed. Parameters and GFLOPs "
        f"(2 per multiply-add, torch's counter) of the training form at {size} pixels."
    )


def to_csv(table: StudyTable) -> str:
    """Comma-separated values with full precision."""
    stream = io.StringIO()
    rows = to_dicts(table)
    writer = csv.DictWriter(stream, fieldnames=list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def to_json(table: StudyTable) -> str:
    """Rows with full precision, and the warnings."""
    rows = [{k: None if isinstance(v, float) and math.isnan(v) else v for k, v in r.items()} for r in to_dicts(table)]
    return json.dumps({"rows": rows, "warnings": table.warnings}, indent=1)


def to_dicts(table: StudyTable) -> list[dict[str, Any]]:
    """Flat rows: choices, metrics as fractions, counts, run ids."""
    rows = []
    for result in table.results:
        flat: dict[str, Any] = {}
        for column in table.columns:
            flat |= column.values(result)
        rows.append(flat | {"runs": " ".join(record.run_id for record in result.row.records.values())})
    return rows


def to_rich(table: StudyTable, title: str) -> Table:
    """For the terminal."""
    shown = Table(title=title, title_justify="left")
    for column in table.columns:
        shown.add_column(column.heading, justify="right" if column.is_number else "left", overflow="fold")
    for result in table.results:
        shown.add_row(*(column.text(result) for column in table.columns))
    return shown
