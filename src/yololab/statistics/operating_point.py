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

    def metrics(self) -> dict[str, float]:
        """As a record has them."""
        return {"precision": self.precision, "recall": self.recall, "F1": self.f1}


def operating_point(matches: Matches) -> OperatingPoint | None:
    """The confidence, one for all classes, at which the mean F1 of the classes is largest.

    Precision of a class without a detection above it counts as 0, and of several confidences that do equally well the
    highest is taken. None where there is no ground truth, or the matches hold no confidences.
    """
    area, threshold = AREAS.index("all"), int(np.argmin(np.abs(matches.thresholds - 0.5)))
    truths = np.bincount(
        matches.truth_class, weights=matches.truth_counts[area], minlength=len(matches.category_ids)
    )  # (classes,)
    classes = np.flatnonzero(truths > 0).tolist()
    if not classes or matches.score is None:
        return None
    scores = matches.score
    levels = np.unique(scores)[::-1]  # every confidence at which something changes, highest first
    if not len(levels):
        return OperatingPoint(0.0, 0.0, 0.0, 0.0)
    hit = matches.matched[area, threshold] & ~matches.ignored[area, threshold]
    counted = ~matches.ignored[area, threshold]

    def counts(index: int, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """True positives and detections of a class from each confidence on."""
        own = slice(matches.class_starts[index], matches.class_starts[index + 1])
        above = np.searchsorted(-scores[own], -at, side="right")
        hits, found = (np.append(0, np.cumsum(flags[own]))[above] for flags in (hit, counted))
        return hits, found

    f1 = np.zeros(len(levels))  # class by class: a table of all classes and confidences may not fit
    for index in classes:
        hits, found = counts(index, levels)
        f1 += 2 * hits / (found + truths[index])  # F1 = 2 TP / (detections + truths)
    best = int(np.argmax(f1))
    at_best = [counts(index, levels[best : best + 1]) for index in classes]
    precision = np.mean([hits[0] / max(found[0], 1) for hits, found in at_best])
    recall = np.mean([hits[0] / truths[index] for index, (hits, _) in zip(classes, at_best, strict=True)])
    return OperatingPoint(float(precision), float(recall), float(f1[best] / len(classes)), float(levels[best]))
