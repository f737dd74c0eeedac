"""Columns of the ablation table: a heading, the text that people read, the values that programs read.

A new column is one entry in `columns`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yololab.study.rows import Row
from yololab.study.statistics import PairedDifference, Summary

PERCENT = 100
"""mAP is shown in percent, as papers do."""


@dataclass(frozen=True)
class Result:
    """One row with its statistics."""

    row: Row
    summaries: Mapping[str, Summary]
    difference: PairedDifference | None
    """Of mAP to the baseline; None for the baseline itself and where no seed is shared"""
    p_adjusted: float
    role: str
    """ "baseline", "the same runs" under other choices, or nothing"""


@dataclass(frozen=True)
class Column:
    """One column; `values` are full precision by name, for CSV and JSON."""

    heading: str
    text: Callable[[Result], str]
    values: Callable[[Result], Mapping[str, Any]]
    is_number: bool = True


def columns(choices: Sequence[str], metrics: Sequence[str]) -> list[Column]:
    """The columns of a table whose rows differ in `choices`, in order."""
    return [
        *(_choice(name) for name in choices),
        *(_metric(name) for name in metrics),
        Column("Δ mAP (95% CI)", _difference_text, _difference_values),
        Column("p (Holm)", lambda r: "" if math.isnan(r.p_adjusted) else f"{r.p_adjusted:.3f}", _p_values),
        Column("parameters", lambda r: f"{_cost(r)['params_train']:,}", lambda r: _costs(r, "params")),
        Column("GFLOPs", lambda r: f"{_cost(r)['gflops_train']:.3f}", lambda r: _costs(r, "gflops")),
        Column("seeds", _seeds_text, _seeds_values),
    ]


def _choice(name: str) -> Column:
    return Column(name, lambda r: r.row.choices.get(name, ""), lambda r: _given(r.row.choices, name), is_number=False)


def _given(choices: Mapping[str, str], name: str) -> dict[str, str]:
    return {name: choices[name]} if name in choices else {}


def _metric(name: str) -> Column:
    def text(result: Result) -> str:
        summary = result.summaries[name]
        mean = f"{PERCENT * summary.mean:.1f}"
        return mean if math.isnan(summary.std) else f"{mean} ± {PERCENT * summary.std:.1f}"

    return Column(name, text, lambda r: {name: r.summaries[name].mean, f"{name}_std": r.summaries[name].std})


def _difference_text(result: Result) -> str:
    if result.role:
        return result.role
    difference = result.difference
    if difference is None:
        return "no shared seed"
    text = f"{PERCENT * difference.mean:+.1f}"
    return text if math.isnan(difference.half_width) else f"{text} ± {PERCENT * difference.half_width:.1f}"


def _difference_values(result: Result) -> dict[str, float]:
    difference = result.difference
    return {} if difference is None else {"difference": difference.mean, "difference_ci95": difference.half_width}


def _p_values(result: Result) -> dict[str, float]:
    return {} if result.difference is None else {"p_holm": result.p_adjusted}


def _cost(result: Result) -> Mapping[str, Any]:
    return result.row.first.complexity


def _costs(result: Result, prefix: str) -> dict[str, Any]:
    return {name: value for name, value in _cost(result).items() if name.startswith(prefix)}


def _seeds_text(result: Result) -> str:
    records = result.row.records.values()
    pruned = sum(record.pruned is not None for record in records)
    return f"{len(records)} ({pruned} pruned)" if pruned else str(len(records))


def _seeds_values(result: Result) -> dict[str, str]:
    records = result.row.records
    pruned = (str(seed) for seed, record in records.items() if record.pruned)
    return {"seeds": " ".join(map(str, records)), "pruned": " ".join(pruned)}
