"""Columns of the ablation table: a heading, the text that people read, the values that programs read.

A new column is one entry in `columns`. Everything is in percent.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yololab.statistics.contrasts import Estimate
from yololab.study.judgement import Difference, Summary
from yololab.study.rows import Row


@dataclass(frozen=True)
class Result:
    """One row with its statistics, or a row against its control."""

    row: Row
    summaries: Mapping[str, Summary]
    """By metric; none for a comparison with a control"""
    difference: Difference | None
    """To the baseline, or the control; None for the baseline itself and where nothing can be compared"""
    role: str = ""
    """ "baseline", "the same runs" under other choices, or nothing"""
    control: str = ""
    """What it is compared with, where that is not the baseline: "placebo" """
    confirmatory: bool = False
    """Whether it was named as the primary comparison before the first run"""
    best: bool = False
    """The best mean of the metric that is compared, or not to be told from it"""


@dataclass(frozen=True)
class Column:
    """One column; `values` are full precision by name, for CSV and JSON."""

    heading: str
    text: Callable[[Result], str]
    values: Callable[[Result], Mapping[str, Any]]
    is_number: bool = True
    metric: str = ""
    """The metric that it shows"""


HEADINGS = {"precision": "P", "recall": "R", "mAP_small": "AP_S", "mAP_medium": "AP_M", "mAP_large": "AP_L"}
COSTS: Mapping[str, tuple[str, str]] = {
    "params_train": ("parameters", ",.0f"),
    "params_deploy": ("parameters (deploy)", ",.0f"),
    "gflops_train": ("GFLOPs", ".3f"),
    "gflops_deploy": ("GFLOPs (deploy)", ".3f"),
    "gflops_printed": ("GFLOPs (as printed)", ".1f"),
    "gflops_printed_84": ("GFLOPs (as printed by 8.4)", ".1f"),
    "latency_ms": ("latency, ms", ".2f"),
    "latency_onnx_ms": ("latency ONNX, ms", ".2f"),
}
"""Columns of cost that can be chosen, by the record's own names."""
USUAL_COSTS = ("params_train", "gflops_train")


def columns(
    choices: Sequence[str],
    metrics: Sequence[str],
    compared: str = "mAP",
    costs: Sequence[str] = USUAL_COSTS,
    registered: bool = False,
) -> list[Column]:
    """The columns of a table whose rows differ in `choices`, in order; `registered`: some rows are confirmatory."""
    kind = Column("kind", _kind, lambda r: {"kind": _kind(r)}, is_number=False)
    return [
        *(_choice(name, name == next(iter(choices))) for name in choices),
        *(_metric(name) for name in metrics),
        Column(f"Δ {heading_of(compared)} (95% CI)", _difference_text, _difference_values),
        Column("p", lambda r: p_text(r.difference.estimate.p_value) if r.difference else "", _p_values),
        Column("verdict", _verdict, lambda r: {"verdict": _verdict(r)}, is_number=False),
        *([kind] if registered else []),
        *(_cost(name, name == next(iter(costs))) for name in costs),
        Column("seeds", _seeds_text, _seeds_values),
    ]


def heading_of(metric: str) -> str:
    """A metric as tables call it."""
    return HEADINGS.get(metric, metric)


def _choice(name: str, is_first: bool) -> Column:
    def text(result: Result) -> str:
        own = result.row.choices.get(name, "")
        return f"{own} - its {result.control}" if result.control and is_first else own

    def values(result: Result) -> dict[str, str]:
        minus = {"minus": result.control} if result.control and is_first else {}
        return {**({name: result.row.choices[name]} if name in result.row.choices else {}), **minus}

    return Column(name, text, values, is_number=False)


def _metric(name: str) -> Column:
    def text(result: Result) -> str:
        summary = result.summaries.get(name)
        return "" if summary is None else mean_text(summary)

    def values(result: Result) -> dict[str, float]:
        summary = result.summaries.get(name)
        return {} if summary is None else {name: summary.mean, f"{name}_std": summary.std}

    return Column(heading_of(name), text, values, metric=name)


def mean_text(summary: Summary) -> str:
    """ "50.0 ± 0.7"; without a spread for one value, nothing for none."""
    if math.isnan(summary.mean):
        return ""
    return f"{summary.mean:.1f}" + ("" if math.isnan(summary.std) else f" ± {summary.std:.1f}")


def estimate_text(estimate: Estimate) -> str:
    """ "+0.5 ± 2.9", or without an interval where there is none."""
    half_width = (estimate.high - estimate.low) / 2
    return f"{estimate.difference:+.1f}" + ("" if math.isnan(half_width) else f" ± {half_width:.1f}")


def p_text(value: float) -> str:
    """Three digits; nothing for nan, and never 0."""
    return "" if math.isnan(value) else "<0.001" if value < 0.0005 else f"{value:.3f}"


def p_words(value: float) -> str:
    """ "p = 0.031", "p < 0.001"; nothing for nan."""
    found = p_text(value)
    return f"p < {found[1:]}" if found.startswith("<") else f"p = {found}" if found else ""


def _difference_text(result: Result) -> str:
    if result.role:
        return result.role
    if result.difference is None or math.isnan(result.difference.estimate.difference):
        return "not comparable" if result.row.records else "no usable run"
    return estimate_text(result.difference.estimate)


def _difference_values(result: Result) -> dict[str, Any]:
    if result.difference is None:
        return {}
    estimate = result.difference.estimate
    return {
        "difference": estimate.difference,
        "difference_low": estimate.low,
        "difference_high": estimate.high,
        "seed_variance": result.difference.seed_variance,
        "image_variance": result.difference.image_variance,
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


def _kind(result: Result) -> str:
    if result.difference is None or result.role:
        return ""
    return "confirmatory" if result.confirmatory else "exploratory"


def _cost(name: str, is_first: bool) -> Column:
    heading, form = COSTS[name]

    def text(result: Result) -> str:
        value = result.row.first.complexity.get(name)
        return "" if value is None or result.control else format(value, form)

    def values(result: Result) -> dict[str, Any]:
        every = result.row.first.complexity.items()
        found = {key: value for key, value in every if key.startswith(("params", "gflops", "latency"))}
        return found if is_first and not result.control else {}

    return Column(heading, text, values)


def _seeds_text(result: Result) -> str:
    own = len(result.row.records)
    shared = result.difference.shared_seeds if result.difference else own
    if result.control:
        return str(shared)
    others = Counter(out.reason.split()[0].rstrip(":") for out in result.row.left_out)
    parts = [f"{shared} shared"] if shared != own else []
    parts += [f"{count} {reason}" for reason, count in others.items()]
    return f"{own}" + (f" ({', '.join(parts)})" if parts else "")


def _seeds_values(result: Result) -> dict[str, str]:
    left_out = (f"{out.record.seed}: {out.reason}" for out in result.row.left_out)
    return {"seeds": " ".join(map(str, result.row.records)), "left_out": "; ".join(left_out)}
