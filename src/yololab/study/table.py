"""The ablation table of a study: one row per cell, mean ± standard deviation over seeds, difference to the baseline."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from yololab.study.cells import Cell, group_cells
from yololab.study.record import RunRecord
from yololab.study.statistics import PairedDifference, Summary, holm, paired_difference, summarise

METRICS = ("mAP", "mAP50")
MASK_METRICS = ("mask_mAP", "mask_mAP50")
"""Shown beside METRICS where every run has masks."""
PERCENT = 100
"""mAP is shown in percent, as papers do."""


@dataclass(frozen=True)
class Row:
    """One cell, ready to be shown."""

    cell: Cell
    summaries: dict[str, Summary]
    difference: PairedDifference | None
    """of mAP to the baseline; None for the baseline itself and where no seed is shared"""
    p_adjusted: float
    is_baseline: bool
    """The baseline, or the same runs under other choices"""


@dataclass(frozen=True)
class StudyTable:
    """Rows, the baseline first, and what a reader must know about them."""

    rows: list[Row]
    warnings: list[str]


def build_table(records: Sequence[RunRecord]) -> StudyTable:
    """Group, summarise and compare; p values are those of paired t-tests on mAP, adjusted by Holm."""
    cells = group_cells(records)
    baseline = cells[0].values("mAP") if cells else {}
    same = [next(i for i, other in enumerate(cells) if other.run_ids == cell.run_ids) for cell in cells]
    differences = [None if first == 0 else paired_difference(cells[first].values("mAP"), baseline) for first in same]
    # One hypothesis per set of runs: a run that stands in two rows is not tested twice.
    tested = holm([math.nan if d is None or same[i] != i else d.p_value for i, d in enumerate(differences)])
    adjusted = [tested[first] for first in same]
    has_masks = all(MASK_METRICS[0] in record.metrics for record in records)
    names = METRICS + MASK_METRICS if has_masks else METRICS
    rows = [
        Row(cell, {name: summarise(list(cell.values(name).values())) for name in names}, difference, p, first == 0)
        for cell, difference, p, first in zip(cells, differences, adjusted, same, strict=True)
    ]
    return StudyTable(rows, _warnings(cells, records))


def _warnings(cells: Sequence[Cell], records: Sequence[RunRecord]) -> list[str]:
    warnings = []
    all_seeds = sorted({record.seed for record in records})
    for cell in cells:
        missing = [seed for seed in all_seeds if seed not in cell.records]
        if missing:
            warnings.append(f"{cell.label}: no finished run for seed {', '.join(map(str, missing))}")
    if len({record.data_fingerprint for record in records}) > 1:
        warnings.append("the runs were made on different data (fingerprints differ)")
    commits = {json.dumps(record.git, sort_keys=True) for record in records}
    if len(commits) > 1:
        warnings.append(f"the runs were made at {len(commits)} different commits or states of the code")
    for cell in cells:
        pruned = [str(seed) for seed, record in cell.records.items() if record.pruned]
        if pruned:
            warnings.append(f"{cell.label}: pruned before its last epoch, seed {', '.join(pruned)}; not a final mAP")
    if len(all_seeds) == 1:
        warnings.append("one seed: differences of about 2 mAP on small data, 0.3 on COCO, are noise")
    return warnings


def columns(table: StudyTable) -> list[str]:
    """Headings, in order."""
    choices = list(dict.fromkeys(key for row in table.rows for key in row.cell.choices))
    metrics = table.rows[0].summaries if table.rows else METRICS
    return [*choices, *metrics, "Δ mAP (95% CI)", "p (Holm)", "parameters", "GFLOPs", "seeds"]


def cells_of(table: StudyTable, row: Row) -> list[str]:
    """One row as text, in the order of `columns`."""
    choices = list(dict.fromkeys(key for r in table.rows for key in r.cell.choices))
    complexity = row.cell.first.complexity
    return [
        *(row.cell.choices.get(key, "") for key in choices),
        *(_percent(summary) for summary in row.summaries.values()),
        _difference(row.difference) if not row.is_baseline else "baseline" if row is table.rows[0] else "the same runs",
        "" if math.isnan(row.p_adjusted) else f"{row.p_adjusted:.3f}",
        f"{complexity['params_train']:,}",
        f"{complexity['gflops_train']:.3f}",
        _seeds(row.cell),
    ]


def _seeds(cell: Cell) -> str:
    pruned = sum(record.pruned is not None for record in cell.records.values())
    return f"{len(cell.records)} ({pruned} pruned)" if pruned else str(len(cell.records))


def _percent(summary: Summary) -> str:
    text = f"{PERCENT * summary.mean:.1f}"
    return text if math.isnan(summary.std) else f"{text} ± {PERCENT * summary.std:.1f}"


def _difference(difference: PairedDifference | None) -> str:
    if difference is None:
        return "no shared seed"
    text = f"{PERCENT * difference.mean:+.1f}"
    return text if math.isnan(difference.half_width) else f"{text} ± {PERCENT * difference.half_width:.1f}"


def to_markdown(table: StudyTable) -> str:
    """A Markdown table, with the warnings below."""
    heads = columns(table)
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(cells_of(table, row)) + " |" for row in table.rows]
    lines += ["", f"{_legend(table)}"]
    lines += [f"- **{warning}**" for warning in table.warnings]
    return "\n".join(lines) + "\n"


def _legend(table: StudyTable) -> str:
    size = table.rows[0].cell.first.complexity["image_size"] if table.rows else 0
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
    for row in table.rows:
        flat: dict[str, Any] = dict(row.cell.choices)
        for metric, summary in row.summaries.items():
            flat |= {metric: summary.mean, f"{metric}_std": summary.std}
        if row.difference is not None:
            flat |= {"difference": row.difference.mean, "difference_ci95": row.difference.half_width}
            flat |= {"p_holm": row.p_adjusted}
        flat |= {k: v for k, v in row.cell.first.complexity.items() if k.startswith(("params", "gflops"))}
        flat |= {"seeds": " ".join(map(str, row.cell.records))}
        flat |= {"pruned": " ".join(str(seed) for seed, record in row.cell.records.items() if record.pruned)}
        flat |= {"runs": " ".join(record.run_id for record in row.cell.records.values())}
        rows.append(flat)
    return rows


def to_rich(table: StudyTable, title: str) -> Table:
    """For the terminal."""
    shown = Table(title=title, title_justify="left")
    heads = columns(table)
    first_number = heads.index("mAP")
    for index, name in enumerate(heads):
        shown.add_column(name, justify="left" if index < first_number else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*cells_of(table, row))
    return shown
