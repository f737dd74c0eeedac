"""Precision, recall and F1 where a detector would be used: at the confidence with the best F1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yololab.statistics.matches import AREAS, Matches


@dataclass(frozen=True)
class OperatingPoint:
    """Means over the classes that have ground truth, at IoU 0.5, in [0, 1]."""

    precision: float
    recall: float
    f1: float
    confidence: float
    """From which on detections count"""


def operating_point(matches: Matches) -> OperatingPoint | None:
    """The confidence, one for all classes, at which the mean F1 of the classes is largest.

    Precision of a class without a detection above it counts as 0, and of several confidences that do equally well the
    highest is taken. None where there is no ground truth, or the matches hold no confidences.
    """
    area, threshold = AREAS.index("all"), int(np.argmin(np.abs(matches.thresholds - 0.5)))
    truths = np.bincount(
        matches.truth_class, weights=matches.truth_counts[area], minlength=len(matches.category_ids)
    )  # (classes,)
    classes = np.flatnonzero(truths > 0)
    if not len(classes) or matches.score is None:
        return None
    scores = matches.score
    levels = np.unique(scores)[::-1]  # every confidence at which something changes, highest first
    if not len(levels):
        return OperatingPoint(0.0, 0.0, 0.0, 0.0)
    hit = matches.matched[area, threshold] & ~matches.ignored[area, threshold]
    counted = ~matches.ignored[area, threshold]
    precision, recall = np.zeros((2, len(classes), len(levels)))
    for row, index in enumerate(classes):
        own = slice(matches.class_starts[index], matches.class_starts[index + 1])
        above = np.searchsorted(-scores[own], -levels, side="right")  # detections of the class at least that confident
        hits, found = (np.append(0, np.cumsum(flags[own]))[above] for flags in (hit, counted))
        precision[row] = hits / np.maximum(found, 1)
        recall[row] = hits / truths[index]
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0).mean(axis=0)
    best = int(np.argmax(f1))
    return OperatingPoint(
        float(precision[:, best].mean()), float(recall[:, best].mean()), float(f1[best]), float(levels[best])
    )
