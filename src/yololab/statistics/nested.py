"""Differences with both sources of chance: seeds (the block fit) and images (the bootstrap), and how much is whose.

A run's value is row + seed + image set + row x image + row x seed + (row x seed x image). With q = c C^+ c of the
block fit (docs/statistics.md), over the runs at hand

    seeds:   s^2 q, s^2 the residual mean square, whose expectation is row x seed + row x seed x image,
    images:  V, the variance over replicates of the same contrast: row x image + q (row x seed x image),
    shared:  u^2 q, u^2 the mean square over replicates of the block residuals: row x seed x image alone,
    total = s^2 q + max(V - u^2 q, 0)

counts once what both sources see (variance components of crossed effects: Searle, Casella & McCulloch, 1992, ch. 4;
for the bootstrap of crossed effects Owen, Annals of Applied Statistics 1, 2007). With two to five seeds resampling
them would show only (n - 1) / n of their variance, hence the sum. Each part brings its own quantile (Howe, JASA 69,
1974): half-width^2 = t_seeds^2 s^2 q + t_images^2 (V - u^2 q). Satterthwaite's degrees of freedom instead erred in 6 of
100 studies of three seeds: where s^2 comes out small by chance, they come out large.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import stats

from yololab.errors import DataError
from yololab.statistics.blocks import BlockFit, fit_blocks
from yololab.statistics.bootstrap import SIZES, replicate_metrics
from yololab.statistics.contrasts import NOT_ESTIMABLE, Contrast, Estimate, contrast_weights, judge_family
from yololab.statistics.matches import Matches
from yololab.statistics.max_t import root

IMAGES_ONLY = "covers the images only: no two rows share two seeds"
NO_VARIANCE = "neither seeds nor images change this difference, which is no evidence"


@dataclass(frozen=True, eq=False)
class ImageReplicates:
    """One metric of one run: on the data set, and for each bootstrap replicate (replicates,)."""

    value: float
    replicates: np.ndarray


@dataclass(frozen=True)
class NestedEstimate:
    """A contrast with its simultaneous interval over seeds and images, and the two parts of its variance."""

    estimate: Estimate
    seed_variance: float
    """Of training alone; nan where no two rows share two seeds, and the interval covers the images only"""
    image_variance: float


def replicate_study(
    runs: Mapping[str, Mapping[int, Matches | Path]], weights: np.ndarray, metric: str = "mAP", threads: int = 0
) -> dict[str, dict[int, ImageReplicates]]:
    """One metric of every run for `weights`, whose first row is the data set itself; a run may be a file of matches.

    Files are read when their turn comes, so a study of a thousand runs needs the memory of a few.
    """
    sizes = [area for area, name in SIZES.items() if name == metric]

    def replicate(run: Matches | Path) -> ImageReplicates:
        matches = Matches.load(run) if isinstance(run, Path) else run
        found = replicate_metrics(matches, weights, ("all", *sizes), threads=1).of(metric)
        return ImageReplicates(float(found[0]), found[1:])

    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        jobs = {row: {seed: pool.submit(replicate, run) for seed, run in found.items()} for row, found in runs.items()}
        return {row: {seed: job.result() for seed, job in found.items()} for row, found in jobs.items()}


def estimate_nested(
    runs: Mapping[str, Mapping[int, ImageReplicates]],
    contrasts: Sequence[Contrast],
    num_images: int,
    level: float = 0.95,
) -> tuple[NestedEstimate, ...]:
    """Judge contrasts of rows as one family; the replicates of all runs must be of the same image draws."""
    fit = fit_blocks({row: {seed: run.value for seed, run in found.items()} for row, found in runs.items()})
    weights = contrast_weights(fit, contrasts)
    parts = _variances(fit, weights, _centred(runs, fit), num_images)
    variances = np.diag(parts.total)
    estimable = fit.is_estimable(weights)
    judged = np.flatnonzero(estimable & (variances > 0)).tolist()
    notes = [NO_VARIANCE if found else NOT_ESTIMABLE for found in estimable]
    result = [Estimate(contrast.name, note=note) for contrast, note in zip(contrasts, notes, strict=True)]
    if judged:
        names = [contrasts[index].name for index in judged]
        covariance, df = parts.total[np.ix_(judged, judged)], float(parts.df[judged].min())
        found = judge_family(names, (weights @ fit.means)[judged], covariance, df, level)
        for index, estimate in zip(judged, found, strict=True):
            result[index] = estimate if fit.df else replace(estimate, note=IMAGES_ONLY)
    split = zip(result, np.diag(parts.training), np.diag(parts.images), strict=True)
    return tuple(NestedEstimate(estimate, float(training), float(images)) for estimate, training, images in split)


@dataclass(frozen=True, eq=False)
class _Variances:
    """Covariances of contrasts (k, k), and degrees of freedom (k,) of the total."""

    training: np.ndarray
    images: np.ndarray
    total: np.ndarray
    df: np.ndarray


def _variances(fit: BlockFit, weights: np.ndarray, centred: np.ndarray, num_images: int) -> _Variances:
    effects, shared = _fit_each(fit, centred)
    images = np.atleast_2d(np.cov(effects @ weights.T, rowvar=False))
    image_df = float(min(num_images, len(centred)) - 1)
    if fit.df == 0:
        return _Variances(np.full_like(images, math.nan), images, images, np.full(len(images), image_df))
    spread = weights @ fit.inverse @ weights.T
    square = fit.squares / fit.df
    seeds, alone = square * spread, _positive_part(images - shared * spread)
    df = [_matching_df(*parts, fit.df, image_df) for parts in zip(np.diag(seeds), np.diag(alone), strict=True)]
    return _Variances(max(square - shared, 0.0) * spread, images, seeds + alone, np.array(df))


def _positive_part(matrix: np.ndarray) -> np.ndarray:
    """The nearest covariance to a difference of two: negative eigenvalues become 0."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.maximum(values, 0.0)) @ vectors.T


def _matching_df(seeds: float, images: float, seed_df: float, image_df: float) -> float:
    """Degrees of freedom whose 95% quantile of t is Howe's: root mean square of the parts', weighted by variance."""
    if seeds + images <= 0 or seeds == 0 or images == 0:
        return image_df if seeds == 0 else float(seed_df)
    quantiles = stats.t.isf(0.025, np.array([seed_df, image_df])) ** 2
    wanted = math.sqrt(float(quantiles @ [seeds, images]) / (seeds + images))
    ends = sorted((1 / seed_df, 1 / image_df))
    return 1 / root(lambda inverse: float(stats.t.isf(0.025, 1 / inverse)) - wanted, ends[0] * 0.999, ends[1] * 1.001)


def _centred(runs: Mapping[str, Mapping[int, ImageReplicates]], fit: BlockFit) -> np.ndarray:
    """Replicates minus their mean (replicates, rows, seeds), 0 where there is no run; without undefined replicates."""
    sizes = {len(run.replicates) for found in runs.values() for run in found.values()}
    if len(sizes) != 1 or min(sizes) < 2:
        raise DataError(f"expected as many replicates of every run, and at least 2; found {sorted(sizes)}")
    table = np.zeros((sizes.pop(), len(fit.rows), len(fit.seeds)))
    for row_index, row in enumerate(fit.rows):
        for seed, run in runs[row].items():
            table[:, row_index, fit.seeds.index(seed)] = run.replicates
    table = table[~np.isnan(table).any(axis=(1, 2))]
    if len(table) < 2:
        raise DataError(
            "fewer than 2 replicates in which every run has a value: the class or size is on too few images"
        )
    return table - table.mean(axis=0)


def _fit_each(fit: BlockFit, tables: np.ndarray) -> tuple[np.ndarray, float]:
    """Row effects of tables (tables, rows, seeds) by the fit's layout, and their mean residual mean square."""
    incidence = (~np.isnan(fit.residuals)).astype(float)
    seed_count = incidence.sum(axis=0)
    seed_means = tables.sum(axis=1) / seed_count
    effects = (tables.sum(axis=2) - seed_means @ incidence.T) @ fit.inverse  # (tables, rows)
    seed_effects = seed_means - effects @ incidence / seed_count
    residuals = (tables - effects[:, :, None] - seed_effects[:, None]) * incidence
    squares = float((residuals**2).sum(axis=(1, 2)).sum() / (len(tables) - 1))
    return effects, squares / fit.df if fit.df else math.nan
