"""Rows against the baseline and against their controls, with simultaneous intervals over seeds, and over images where
matches were kept. Everything is in percent points of one metric. The numbers are those of yololab.statistics.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yololab.metrics.names import PERCENT
from yololab.statistics.comparison import Comparison, compare_to_baseline
from yololab.statistics.contrasts import Contrast, Estimate, differences_to, estimate_contrasts
from yololab.statistics.decisions import Decision, Plan, decide
from yololab.statistics.exact import sign_flip_p, smallest_p
from yololab.statistics.nested import ImageReplicates, NestedEstimate, estimate_nested
from yololab.statistics.pairs import estimate_pairs
from yololab.statistics.sequential import FEWEST, SequentialRule, look
from yololab.study.controls import Control, find_controls
from yololab.study.image_replicates import replicates_and_remark
from yololab.study.rows import Row

LOOKED = "by a rule that allows for a look after each seed (study.seeds=auto): intervals hold at all looks, no p does"


@dataclass(frozen=True)
class Summary:
    """Mean and sample standard deviation (nan for one value) of `count` values, in percent."""

    mean: float
    std: float
    count: int


@dataclass(frozen=True)
class Difference:
    """A row minus the baseline, or minus its control."""

    estimate: Estimate
    decision: Decision
    shared_seeds: int
    exact_p: float
    """Of all sign flips of the paired differences; nan for fewer than two or very many shared seeds"""
    seed_variance: float = math.nan
    image_variance: float = math.nan

    def __str__(self) -> str:
        found = self.estimate
        interval = f" [{found.low:+.1f}, {found.high:+.1f}], p = {found.p_value:.3f}" if found.low == found.low else ""
        return f"{found.difference:+.1f}{interval}: {self.decision.sentence}"


@dataclass(frozen=True)
class Judgement:
    """How the rows of a study were compared."""

    differences: Mapping[int, Difference]
    """By place among the rows; none for the baseline, for its equals and for rows without a run"""
    controls: Sequence[tuple[Control, Difference]]
    """Attention minus control, in the same family"""
    best: frozenset[int]
    """Places of the best mean and of those that cannot be told from it"""
    method: str
    covers: str
    """ "seeds and images" or "seeds" """
    smallest_p: float
    """That an exact test can give with the seeds at hand; nan where no two are shared"""
    remark: str = ""
    """What a reader must be warned of"""


def summarise(values: Sequence[float]) -> Summary:
    """Mean and spread of metrics as fractions."""
    found = [PERCENT * value for value in values]
    if not found:
        return Summary(math.nan, math.nan, 0)
    return Summary(statistics.fmean(found), statistics.stdev(found) if len(found) > 1 else math.nan, len(found))


def percents(row: Row, metric: str = "mAP") -> dict[int, float]:
    """A metric of a row's runs in percent, by seed."""
    return {seed: PERCENT * value for seed, value in row.values(metric).items()}


def seeds_share(difference: Difference) -> float:
    """How much of the interval's half width the seeds alone would have; nan where images are not covered."""
    whole = difference.seed_variance + difference.image_variance
    return math.sqrt(max(difference.seed_variance, 0.0) / whole) if whole > 0 else math.nan


def judge(
    rows: Sequence[Row],
    smallest_effect: float | None,
    study: Path | None,
    metric: str = "mAP",
    primary: frozenset[int] = frozenset(),
    most_seeds: int | None = None,
) -> Judgement:
    """Compare every row with the first, and with its controls; a run that stands in two rows is tested once.

    `smallest_effect`: in percent points, the smallest that matters. `study` is the folder that holds the runs' matches;
    without it, and where a run has none, seeds alone are covered. Rows at the places `primary` are a family of their
    own: what was decided to be asked before the study does not pay for what else is looked at. With `most_seeds` the
    study chose its number of seeds by looking, and intervals allow for every look up to that many.
    """
    first_of = [next(i for i, other in enumerate(rows) if other.run_ids == row.run_ids) for row in rows]
    judged_on = rows[0].judged_on if rows else frozenset()
    alike = [i for i in sorted(set(first_of)) if rows[i].judged_on == judged_on]
    values = {str(i): found for i in alike if (found := percents(rows[i], metric))}
    if "0" not in values or len(values) < 2:
        return Judgement({}, (), frozenset(), "", "", math.nan)
    controls = [c for c in find_controls(rows) if {str(c.attended), str(c.control)} <= values.keys()]
    further = [Contrast(_name(c), {str(c.attended): 1.0, str(c.control): -1.0}) for c in controls]
    compared = compare_to_baseline(values, "0", further=further)
    contrasts = [*differences_to(list(values), "0"), *further]
    is_pooled = most_seeds is None and compared.method == "block"
    replicates, remark = replicates_and_remark(rows, values, metric, study) if is_pooled else (None, "")
    by_name: dict[str, NestedEstimate] = {}
    for family in _split(contrasts, {str(place) for place in primary}):
        by_name |= {one.estimate.name: one for one in _judge(compared, values, family, replicates, most_seeds)}
    parts = {contrast.name: tuple(contrast.weights) for contrast in contrasts}
    differences = {
        name: _difference(values, parts[name], one, compared.fit.error_sd, smallest_effect)
        for name, one in by_name.items()
    }
    most = max(difference.shared_seeds for difference in differences.values())
    return Judgement(
        {index: differences[str(first)] for index, first in enumerate(first_of) if str(first) in differences},
        [(control, differences[_name(control)]) for control in controls],
        _best(values, first_of),
        _method(compared, values, most_seeds, {str(i): row.label for i, row in enumerate(rows)}),
        "seeds and images" if replicates is not None else "seeds",
        smallest_p(most) if most > 1 else math.nan,
        remark,
    )


def _method(
    compared: Comparison, values: Mapping[str, Mapping[int, float]], most_seeds: int | None, labels: Mapping[str, str]
) -> str:
    """How it was judged, where that is not the usual way; a row that is told of by its label."""
    if most_seeds is None:
        reason = compared.reason
        for number, label in labels.items():
            reason = reason.replace(f"row {number!r}", f"row {label}")
        return "" if compared.method == "block" else f"each row by itself, since {reason}"
    seeds = _complete_seeds(values)
    beyond = f"; {seeds} seeds are more than the {most_seeds} planned, so what is seen now is beyond it"
    return LOOKED + (beyond if seeds > most_seeds else "")


def _looked(
    compared: Comparison, values: Mapping[str, Mapping[int, float]], family: Sequence[Contrast], most_seeds: int
) -> list[NestedEstimate]:
    """Estimates of a study that looked after each seed; without intervals where some row has fewer than two seeds."""
    seeds = _complete_seeds(values)
    if seeds < FEWEST:
        plain = estimate_contrasts(compared.fit, family)
        found = [Estimate(one.name, one.difference, note=f"a row has fewer than {FEWEST} seeds") for one in plain]
    else:
        rule = SequentialRule(most_seeds, len(family))
        found = list(look(compared.fit, family, rule, min(seeds, most_seeds)))
    return [NestedEstimate(one, math.nan, math.nan) for one in found]


def _complete_seeds(values: Mapping[str, Mapping[int, float]]) -> int:
    """Seeds that every row has."""
    return len(set.intersection(*(set(found) for found in values.values())))


def _name(control: Control) -> str:
    return f"{control.attended} - {control.control}"


def _split(contrasts: Sequence[Contrast], primary: set[str]) -> list[list[Contrast]]:
    """Primary ones, and all others; families without a contrast are left out."""
    chosen = [contrast for contrast in contrasts if contrast.name in primary]
    return [family for family in (chosen, [c for c in contrasts if c.name not in primary]) if family]


def _judge(
    compared: Comparison,
    values: Mapping[str, Mapping[int, float]],
    family: Sequence[Contrast],
    replicates: tuple[Mapping[str, Mapping[int, ImageReplicates]], int] | None,
    most_seeds: int | None,
) -> list[NestedEstimate]:
    """Contrasts as one family, over images too where there are `replicates` of so many images."""
    if most_seeds is not None:
        return _looked(compared, values, family, most_seeds)
    if len(family) == len(compared.estimates):
        seeds_only = compared.estimates  # the one family that was judged already
    elif compared.method == "block":
        seeds_only = estimate_contrasts(compared.fit, family)
    else:
        seeds_only = estimate_pairs(values, family)
    alone = [NestedEstimate(estimate, math.nan, math.nan) for estimate in seeds_only]
    if replicates is None:
        return alone
    both = estimate_nested(replicates[0], family, replicates[1])
    pairs = zip(both, alone, strict=True)
    return [one if not math.isnan(one.estimate.difference) else other for one, other in pairs]


def _difference(
    values: Mapping[str, Mapping[int, float]],
    rows: tuple[str, ...],
    found: NestedEstimate,
    error_sd: float,
    smallest_effect: float | None,
) -> Difference:
    own, other = (values[name] for name in rows)
    shared = sorted(own.keys() & other.keys())
    exact = sign_flip_p([own[seed] - other[seed] for seed in shared]) if len(shared) > 1 else math.nan
    decision = decide(found.estimate, Plan(len(values), max(1, len(shared)), error_sd, smallest_effect))
    return Difference(found.estimate, decision, len(shared), exact, found.seed_variance, found.image_variance)


def _best(values: Mapping[str, Mapping[int, float]], first_of: Sequence[int]) -> frozenset[int]:
    """Places of the best mean and of those whose difference to it is not told from 0, all compared with it."""
    means = {name: statistics.fmean(found.values()) for name, found in values.items()}
    top = max(means, key=lambda name: means[name])
    estimates = compare_to_baseline(values, top).estimates
    best = {top} | {estimate.name for estimate in estimates if estimate.p_value >= 0.05}
    return frozenset(place for place, first in enumerate(first_of) if str(first) in best)
