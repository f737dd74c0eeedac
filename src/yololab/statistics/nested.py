"""Differences with both sources of chance: seeds (the block fit) and images (the bootstrap), and how much is whose.

A run's value is row + seed + image set + row x image + row x seed + (row x seed x image). With q = c C^+ c of the
block fit (docs/statistics.md), over the runs at hand

    seeds:   s^2 q, s^2 the residual mean square, whose expectation is row x seed + row x seed x image,
    images:  V, the variance over replicates of the same contrast: row x image + q (row x seed x image),
    shared:  u^2 q, u^2 the mean square over replicates of the block residuals: row x seed x image alone,
    total = max(s^2 - u^2, 0) q + V

counts what both sources see once (variance components of crossed effects: Searle, Casella & McCulloch, 1992, ch. 4;
for the bootstrap of crossed effects Owen, Annals of Applied Statistics 1, 2007). With two to five seeds resampling
them would show only (n - 1) / n of their variance, hence the sum. Degrees of freedom: Satterthwaite (Biometrics 2,
1946), total^2 / ((s^2 q)^2 / df + V^2 / (min(images, replicates) - 1)), the smallest of the family for all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from yololab.errors import DataError
from yololab.statistics.blocks import BlockFit, fit_blocks
from yololab.statistics.contrasts import NOT_ESTIMABLE, Contrast, Estimate, contrast_weights, judge_family

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
    image_df = min(num_images, len(centred)) - 1
    if fit.df == 0:
        return _Variances(np.full_like(images, math.nan), images, images, np.full(len(images), image_df))
    spread = weights @ fit.inverse @ weights.T
    seeds = fit.squares / fit.df * spread
    training = max(fit.squares / fit.df - shared, 0.0) * spread
    total = training + images
    parts = np.diag(seeds) ** 2 / fit.df + np.diag(images) ** 2 / image_df
    df = np.divide(np.diag(total) ** 2, parts, out=np.ones(len(total)), where=parts > 0)
    return _Variances(training, images, total, df)


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
