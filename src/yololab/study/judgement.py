"""Rows against the baseline: differences with simultaneous intervals over seeds, and over images where they were kept.

Everything is in percent points of the metric. The numbers are those of yololab.statistics; here they meet runs.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yololab.errors import ConfigError
from yololab.run.detections import MATCHES_FILE
from yololab.statistics.bootstrap import image_weights
from yololab.statistics.comparison import compare_to_baseline
from yololab.statistics.contrasts import Estimate, differences_to
from yololab.statistics.decisions import Decision, Plan, decide
from yololab.statistics.exact import sign_flip_p, smallest_p
from yololab.statistics.nested import ImageReplicates, estimate_nested, replicate_study
from yololab.study.rows import PLAIN, Row

PERCENT = 100
"""Metrics are shown in percent, as papers do."""
REPLICATES = 200


@dataclass(frozen=True)
class Summary:
    """Mean and sample standard deviation (nan for one value) of `count` values, in percent."""

    mean: float
    std: float
    count: int


@dataclass(frozen=True)
class Difference:
    """A row minus the baseline."""

    estimate: Estimate
    decision: Decision
    shared_seeds: int
    exact_p: float
    """Of all sign flips of the paired differences; nan for fewer than two or very many shared seeds"""
    seed_variance: float = math.nan
    image_variance: float = math.nan


@dataclass(frozen=True)
class Judgement:
    """How the rows of a study were compared."""

    baseline: int
    """Place among the rows"""
    differences: Mapping[int, Difference]
    """By place among the rows; none for the baseline, for its equals and for rows without a run"""
    method: str
    covers: str
    """ "seeds and images" or "seeds" """
    error_sd: float
    """Of one run, between seeds, in percent; nan where there is none"""
    smallest_p: float
    """That an exact test can give with the seeds at hand; nan where no two are shared"""


def summarise(values: Sequence[float]) -> Summary:
    """Mean and spread of metrics as fractions."""
    found = [PERCENT * value for value in values]
    if not found:
        return Summary(math.nan, math.nan, 0)
    return Summary(statistics.fmean(found), statistics.stdev(found) if len(found) > 1 else math.nan, len(found))


def percents(row: Row) -> dict[int, float]:
    """mAP of a row's runs in percent, by seed."""
    return {seed: PERCENT * value for seed, value in row.values("mAP").items()}


def choose_baseline(rows: Sequence[Row], wanted: Mapping[str, str] | None) -> tuple[int, str | None]:
    """Place of the baseline, and what to say where nobody named it and no row is plain.

    ConfigError that lists the rows where `wanted` fits none.
    """
    if wanted:
        fitting = [i for i, row in enumerate(rows) if all(_has(row, key, value) for key, value in wanted.items())]
        if not fitting:
            named = ", ".join(f"{key}={value}" for key, value in wanted.items())
            known = "; ".join(row.label for row in rows)
            raise ConfigError(f"baseline {named}: no row of the table has these; rows are: {known}")
        return fitting[0], None
    first = next((i for i, row in enumerate(rows) if row.records), 0)
    plain = all(value in PLAIN for value in rows[first].choices.values()) if rows else True
    if plain or len(rows) < 2 or any(value in PLAIN for value in rows[first].choices.values()):
        return first, None
    return first, (
        f"no row is plain, so {rows[first].label} was taken as the baseline; name another by study.baseline or "
        "--baseline KEY=VALUE,..."
    )


def _has(row: Row, key: str, value: str) -> bool:
    if key in row.choices:
        return row.choices[key] == str(value)
    return str(row.first.choices.get(key)) == str(value)  # the same for all rows


def judge(rows: Sequence[Row], baseline: int, smallest_effect: float | None, study: Path | None) -> Judgement:
    """Compare every row with the baseline; a run that stands in two rows is tested once.

    `smallest_effect`: in percent points, the smallest that matters. `study` is the folder that holds the runs' matches;
    without it, and where a run has none, seeds alone are covered.
    """
    first_of = [next(i for i, other in enumerate(rows) if other.run_ids == row.run_ids) for row in rows]
    values = {str(i): percents(rows[i]) for i in sorted(set(first_of))}
    name = str(first_of[baseline])
    judged_on = rows[baseline].judged_on if rows else frozenset()
    values = {own: found for own, found in values.items() if found and rows[int(own)].judged_on == judged_on}
    if name not in values or len(values) < 2:
        return Judgement(baseline, {}, "", "", math.nan, math.nan)
    compared = compare_to_baseline(values, name)
    nested = _nested(rows, values, name, study) if compared.method == "block" else {}
    seeds_only = {estimate.name: (estimate, math.nan, math.nan) for estimate in compared.estimates}
    by_name = {
        own: _difference(values[own], values[name], found, compared.fit.error_sd, len(values), smallest_effect)
        for own, found in {**seeds_only, **nested}.items()
    }
    most = max((difference.shared_seeds for difference in by_name.values()), default=0)
    return Judgement(
        baseline,
        {index: by_name[str(first)] for index, first in enumerate(first_of) if str(first) in by_name},
        "" if compared.method == "block" else f"each row by itself, since {compared.reason}",
        "seeds and images" if nested else "seeds",
        compared.fit.error_sd,
        smallest_p(most) if most > 1 else math.nan,
    )


def _difference(
    own: Mapping[int, float],
    baseline: Mapping[int, float],
    found: tuple[Estimate, float, float],
    error_sd: float,
    num_rows: int,
    smallest_effect: float | None,
) -> Difference:
    estimate, seed_variance, image_variance = found
    shared = sorted(own.keys() & baseline.keys())
    exact = sign_flip_p([own[seed] - baseline[seed] for seed in shared]) if len(shared) > 1 else math.nan
    decision = decide(estimate, Plan(num_rows, max(1, len(shared)), error_sd, smallest_effect))
    return Difference(estimate, decision, len(shared), exact, seed_variance, image_variance)


def _nested(
    rows: Sequence[Row], values: Mapping[str, Mapping[int, float]], baseline: str, study: Path | None
) -> dict[str, tuple[Estimate, float, float]]:
    """Estimates that cover images too; none where a run has kept no matches, or the rows were not evaluated alike."""
    if study is None:
        return {}
    files = {
        name: {seed: study / rows[int(name)].records[seed].run_id / MATCHES_FILE for seed in found}
        for name, found in values.items()
    }
    every = [path for found in files.values() for path in found.values()]
    if not all(path.is_file() for path in every):
        return {}
    num_images = {record.images["val"] for name in values for record in rows[int(name)].records.values()}
    fingerprints = {record.data_fingerprint for name in values for record in rows[int(name)].records.values()}
    if len(num_images) != 1 or len(fingerprints) != 1:
        return {}
    count = num_images.pop()
    weights = image_weights(count, REPLICATES, np.random.default_rng(0))
    runs = replicate_study(files, weights)
    percent = {
        name: {seed: ImageReplicates(PERCENT * run.value, PERCENT * run.replicates) for seed, run in found.items()}
        for name, found in runs.items()
    }
    found = estimate_nested(percent, differences_to(list(percent), baseline), count)
    judged = [one for one in found if not math.isnan(one.estimate.difference)]
    return {one.estimate.name: (one.estimate, one.seed_variance, one.image_variance) for one in judged}
