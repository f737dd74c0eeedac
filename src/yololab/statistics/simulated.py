"""Simulated runs of detectors whose true difference is known, to measure how often intervals cover it.

Every object has a difficulty; a run detects it with a margin of its training's skill + its row's luck with the image
+ noise, and the margin sets score and IoU. Rows of one kind have the same distribution, so their true difference is
0, while a single study sees chance from images, from trainings, and from both together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yololab.statistics.matches import AREAS, Matches

THRESHOLDS = np.linspace(0.5, 0.95, 10)


@dataclass(frozen=True)
class Chance:
    """Standard deviations of the sources of chance, in units of the margin."""

    training: float = 0.1
    row_and_image: float = 0.4
    noise: float = 0.6


@dataclass(frozen=True, eq=False)
class SimulatedImages:
    """A drawn data set: objects (objects,) with image, class and difficulty."""

    num_images: int
    num_classes: int
    image: np.ndarray
    object_class: np.ndarray
    difficulty: np.ndarray


def draw_images(generator: np.random.Generator, num_images: int = 150, num_classes: int = 3) -> SimulatedImages:
    """A data set of 3 objects per image on average; images differ in difficulty."""
    image = np.repeat(np.arange(num_images), generator.poisson(3, num_images))
    hardness = generator.normal(0, 0.7, num_images)
    difficulty = hardness[image] + generator.normal(0, 0.7, len(image))
    return SimulatedImages(num_images, num_classes, image, generator.integers(0, num_classes, len(image)), difficulty)


def draw_study(
    images: SimulatedImages, rows: int, seeds: int, chance: Chance, generator: np.random.Generator
) -> dict[str, dict[int, Matches]]:
    """Matches of rows that do not truly differ, r0, r1, ..., trained with seeds 0, 1, ..."""
    study: dict[str, dict[int, Matches]] = {}
    for row in range(rows):
        luck = chance.row_and_image * generator.normal(size=images.num_images)
        margins = luck[images.image] - images.difficulty
        skills = chance.training * generator.normal(size=seeds)
        study[f"r{row}"] = {
            seed: _draw_run(images, margins + skills[seed], chance.noise, generator) for seed in range(seeds)
        }
    return study


def _draw_run(images: SimulatedImages, margins: np.ndarray, noise: float, generator: np.random.Generator) -> Matches:
    margins = 1 + margins + noise * generator.normal(size=len(margins))
    found = margins > -0.5
    false = int(generator.poisson(2 * images.num_images))
    image = np.concatenate([images.image[found], generator.integers(0, images.num_images, false)])
    classes = np.concatenate([images.object_class[found], generator.integers(0, images.num_classes, false)])
    scores = np.concatenate([margins[found], generator.normal(-0.5, 1.0, false)])
    overlap = np.concatenate([np.clip(0.6 + 0.15 * margins[found], 0, 0.99), np.zeros(false)])
    order = np.lexsort((-scores, classes))
    matched = THRESHOLDS[:, None] <= overlap[order]  # (thresholds, detections)
    everywhere = np.broadcast_to(matched, (len(AREAS), *matched.shape))
    groups, counts = np.unique(images.object_class * images.num_images + images.image, return_counts=True)
    return Matches(
        num_images=images.num_images,
        category_ids=np.arange(images.num_classes) + 1,
        thresholds=THRESHOLDS,
        image=image[order],
        class_starts=np.searchsorted(classes[order], np.arange(images.num_classes + 1)),
        matched=everywhere,
        ignored=np.zeros_like(everywhere),
        truth_image=groups % images.num_images,
        truth_class=groups // images.num_images,
        truth_counts=np.broadcast_to(counts, (len(AREAS), len(counts))),
    )
