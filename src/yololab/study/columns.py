"""Columns of the ablation table: a heading, the text that people read, the values that programs read.

A new column is one entry in `columns`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yololab.study.judgement import PERCENT, Difference, Summary
from yololab.study.rows import Row


@dataclass(frozen=True)
class Result:
    """One row with its statistics."""

    row: Row
    summaries: Mapping[str, Summary]
    difference: Difference | None
    """Of mAP to the baseline; None for the baseline itself and where nothing can be compared"""
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
        Column("p", lambda r: p_text(r.difference.estimate.p_value) if r.difference else "", _p_values),
        Column("verdict", _verdict, lambda r: {"verdict": _verdict(r)}, is_number=False),
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
        return _number(summary.mean, ".1f") + ("" if math.isnan(summary.std) else f" ± {summary.std:.1f}")

    def values(result: Result) -> dict[str, float]:
        summary = result.summaries[name]
        return {name: summary.mean / PERCENT, f"{name}_std": summary.std / PERCENT}

    return Column(name, text, values)


def _number(value: float, form: str) -> str:
    return "" if math.isnan(value) else format(value, form)


def p_text(value: float) -> str:
    """Three digits; nothing for nan, and never 0."""
    return "" if math.isnan(value) else "<0.001" if value < 0.0005 else f"{value:.3f}"


def _difference_text(result: Result) -> str:
    if result.role:
        return result.role
    if result.difference is None or math.isnan(result.difference.estimate.difference):
        return "not comparable" if result.row.records else "no usable run"
    estimate = result.difference.estimate
    half_width = (estimate.high - estimate.low) / 2
    return f"{estimate.difference:+.1f}" + ("" if math.isnan(half_width) else f" ± {half_width:.1f}")


def _difference_values(result: Result) -> dict[str, Any]:
    if result.difference is None:
        return {}
    estimate = result.difference.estimate
    return {
        "difference": estimate.difference / PERCENT,
        "difference_low": estimate.low / PERCENT,
        "difference_high": estimate.high / PERCENT,
        "seed_variance": result.difference.seed_variance / PERCENT**2,
        "image_variance": result.difference.image_variance / PERCENT**2,
        "shared_seeds": result.difference.shared_seeds,
        "note": estimate.note,
    }


def _p_values(result: Result) -> dict[str, float]:
    if result.difference is None:
        return {}
    estimate = result.difference.estimate
    return {"p": estimate.p_value, "p_holm": estimate.p_holm, "p_exact": result.difference.exact_p}


def _verdict(result: Result) -> str:
    return "" if result.difference is None or result.role else result.difference.decision.sentence


def _cost(result: Result) -> Mapping[str, Any]:
    return result.row.first.complexity


def _costs(result: Result, prefix: str) -> dict[str, Any]:
    return {name: value for name, value in _cost(result).items() if name.startswith(prefix)}


def _seeds_text(result: Result) -> str:
    others = Counter(out.reason.split()[0].rstrip(":") for out in result.row.left_out)
    shared = result.difference.shared_seeds if result.difference else len(result.row.records)
    parts = [f"{shared} shared"] if shared != len(result.row.records) else []
    parts += [f"{count} {reason}" for reason, count in others.items()]
    return f"{len(result.row.records)}" + (f" ({', '.join(parts)})" if parts else "")


def _seeds_values(result: Result) -> dict[str, str]:
    left_out = (f"{out.record.seed}: {out.reason}" for out in result.row.left_out)
    return {"seeds": " ".join(map(str, result.row.records)), "left_out": "; ".join(left_out)}
