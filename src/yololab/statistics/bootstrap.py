"""Paired bootstrap over images: how far COCO's numbers, and differences of runs, depend on the images at hand.

A replicate draws as many images as there are, with replacement, the same for all runs (Efron & Tibshirani, An
Introduction to the Bootstrap, 1993, ch. 6, 13); matching is per image, so a replicate is a weight per image on matches
made once. Intervals of a pair are percentiles. Wrong for a handful of images, and where a class is on two or three.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from yololab.errors import ConfigError, DataError, did_you_mean
from yololab.statistics.average_precision import average_precision
from yololab.statistics.curves import curves_of
from yololab.statistics.matches import AREAS, Matches

SIZES = {"small": "mAP_small", "medium": "mAP_medium", "large": "mAP_large"}
BATCH = 50
"""Replicates worked on at once: less Python for each, and still in a core's cache"""


@dataclass(frozen=True, eq=False)
class Replicates:
    """Metrics of a run for each weighting of the images."""

    names: tuple[str, ...]
    """mAP, mAP50, mAP75, the sizes asked for, and AP/<category id> for each class"""
    values: np.ndarray
    """(weightings, names) in [0, 1]; nan where no ground truth is left"""

    def of(self, name: str) -> np.ndarray:
        """(weightings,) of one metric; ConfigError for an unknown one."""
        if name not in self.names:
            raise ConfigError(f"no metric {name!r} among the replicates{did_you_mean(name, self.names)}")
        return self.values[:, self.names.index(name)]


@dataclass(frozen=True)
class ImageInterval:
    """A difference of two runs on the same images; percentile interval and standard error over images."""

    name: str
    difference: float
    standard_error: float
    low: float
    high: float


def image_weights(num_images: int, replicates: int, generator: np.random.Generator) -> np.ndarray:
    """How often each image is drawn, (1 + replicates, images); the first row is the data set itself, all ones."""
    if num_images < 1:
        raise DataError(f"a bootstrap needs images, got {num_images}")
    drawn = generator.multinomial(num_images, np.full(num_images, 1 / num_images), size=replicates)
    return np.concatenate([np.ones((1, num_images)), drawn.astype(float)])


def replicate_metrics(
    matches: Matches, weights: np.ndarray, areas: Sequence[str] = AREAS, threads: int = 0
) -> Replicates:
    """Metrics of one run for `weights` (weightings, images); `areas` must hold "all". `threads`: 0 for all cores."""
    if weights.shape[1] != matches.num_images:
        raise DataError(f"weights for {weights.shape[1]} images, but the run was matched on {matches.num_images}")
    workers = threads or os.cpu_count() or 1
    rounds = -(-len(weights) // (BATCH * workers))  # as many batches for every thread
    batches = np.array_split(weights, min(len(weights), rounds * workers))
    columns = {}
    with ThreadPoolExecutor(workers) as pool:
        for area in areas:
            curves = curves_of(matches, AREAS.index(area))
            columns |= _columns(area, matches, list(pool.map(partial(average_precision, curves), batches)))
    return Replicates(tuple(columns), np.stack(list(columns.values()), axis=1))


def paired_bootstrap(
    run: Matches, baseline: Matches, replicates: int = 1000, seed: int = 0, level: float = 0.95
) -> tuple[ImageInterval, ...]:
    """Every metric of `run` minus `baseline`, with what the choice of images leaves open."""
    weights = image_weights(run.num_images, replicates, np.random.default_rng(seed))
    first, second = replicate_metrics(run, weights), replicate_metrics(baseline, weights)
    if first.names != second.names:
        raise DataError("expected two runs on the same classes; their metrics differ: matched on other ground truth?")
    differences = first.values - second.values
    known = ~np.isnan(differences[0])
    found = differences[1:, known]
    low, high = np.nanquantile(found, [(1 - level) / 2, (1 + level) / 2], axis=0)
    columns = zip(differences[0, known], np.nanstd(found, axis=0, ddof=1), low, high, strict=True)
    names = [name for name, is_known in zip(first.names, known, strict=True) if is_known]
    return tuple(ImageInterval(name, *map(float, row)) for name, row in zip(names, columns, strict=True))


def _columns(area: str, matches: Matches, batches: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Metrics of one area range from AP (weightings, classes, thresholds) in batches."""
    if area != "all":
        return {SIZES[area]: np.concatenate([_class_mean(batch) for batch in batches])}
    result = {"mAP": np.concatenate([_class_mean(batch) for batch in batches])}
    for name, threshold in (("mAP50", 0.5), ("mAP75", 0.75)):
        index = int(np.argmin(np.abs(matches.thresholds - threshold)))
        result[name] = np.concatenate([_class_mean(batch[:, :, index : index + 1]) for batch in batches])
    per_class = np.concatenate([batch.mean(axis=2) for batch in batches])
    return result | {f"AP/{category}": per_class[:, index] for index, category in enumerate(matches.category_ids)}


def _class_mean(batch: np.ndarray) -> np.ndarray:
    """(weightings,) mean over classes that have ground truth, then thresholds; nan where none has."""
    known = ~np.isnan(batch[:, :, 0])
    total = np.where(known, batch.mean(axis=2), 0.0).sum(axis=1)
    return np.divide(total, known.sum(axis=1), out=np.full(len(batch), np.nan), where=known.any(axis=1))
