"""A run's precision-recall curves, reduced to what weighting its images can change.

Average precision is decided at the true positives: between two of them precision only falls and recall stands still.
So a curve (one class, area range and IoU threshold) keeps its true positives in order of score, and of all other
detections only how many lie before each, per image. That count is nearly the same at every threshold: a detection
that counts at most thresholds belongs to a segment (the detections up to the next true positive of any threshold),
and the few that count at some thresholds only are corrections of single curves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from yololab.statistics.matches import Matches


@dataclass(frozen=True, eq=False)
class Curves:
    """All curves of a run in one area range, class by class and in each threshold by threshold; P points in all."""

    num_classes: int
    num_thresholds: int
    curve: np.ndarray
    """(C,) class * num_thresholds + threshold of each curve that has a point"""
    starts: np.ndarray
    """(C + 1,) where each curve begins among the points"""
    image: np.ndarray
    """(P,) image of each true positive"""
    segment: np.ndarray
    """(P,) the segment that ends with it"""
    segment_before: np.ndarray
    """(C,) the last segment before the curve's class, -1 for none"""
    segment_counts: sparse.csr_array
    """(segments, images) how many detections of each segment count"""
    correction: np.ndarray
    """(P,) how many corrections, of all curves in order, lie at or before each point"""
    correction_before: np.ndarray
    """(C,) how many lie before the curve"""
    correction_image: np.ndarray
    """(corrections,)"""
    correction_sign: np.ndarray
    """(corrections,) +1 where only this curve counts the detection, -1 where only this one does not"""
    truths: sparse.csr_array
    """(classes, images) ground truths that count"""


def curves_of(matches: Matches, area: int) -> Curves:
    """Curves of one area range (index into AREAS)."""
    num_classes, num_thresholds, size = len(matches.category_ids), len(matches.thresholds), len(matches.image)
    class_of = np.repeat(np.arange(num_classes), np.diff(matches.class_starts))
    counted = ~matches.ignored[area]  # (thresholds, detections)
    usual = 2 * counted.sum(axis=0) > num_thresholds
    thresholds, hits = np.nonzero(matches.matched[area] & counted)
    keys = np.sort((class_of[hits] * num_thresholds + thresholds) * np.int64(size) + hits)
    curve_of, hits = np.divmod(keys, max(size, 1))
    curve, starts = np.unique(curve_of, return_index=True)
    ends = np.unique(hits)  # every segment ends with a true positive of some threshold
    thresholds, others = np.nonzero(counted != usual)
    corrections = np.sort((class_of[others] * num_thresholds + thresholds) * np.int64(size) + others)
    _, others = np.divmod(corrections, max(size, 1))
    class_starts = matches.class_starts[curve // num_thresholds]
    return Curves(
        num_classes=num_classes,
        num_thresholds=num_thresholds,
        curve=curve,
        starts=np.append(starts, len(hits)),
        image=matches.image[hits],
        segment=np.searchsorted(ends, hits),
        segment_before=np.searchsorted(ends, class_starts) - 1,
        segment_counts=_segment_counts(matches, usual, ends, class_of),
        correction=np.searchsorted(corrections, keys, side="right"),
        correction_before=np.searchsorted(corrections, curve * np.int64(size)),
        correction_image=matches.image[others],
        correction_sign=np.where(usual[others], -1.0, 1.0),
        truths=_truths(matches, area),
    )


def _segment_counts(matches: Matches, usual: np.ndarray, ends: np.ndarray, class_of: np.ndarray) -> sparse.csr_array:
    """Detections behind the last true positive of their class change nothing and are left out."""
    detections = np.flatnonzero(usual)
    segment = np.searchsorted(ends, detections)
    inside = segment < len(ends)
    inside[inside] = class_of[ends[segment[inside]]] == class_of[detections[inside]]
    place = (segment[inside], matches.image[detections[inside]])
    counts = sparse.coo_array((np.ones(inside.sum()), place), shape=(len(ends), matches.num_images))
    return counts.tocsr()


def _truths(matches: Matches, area: int) -> sparse.csr_array:
    place = (matches.truth_class, matches.truth_image)
    shape = (len(matches.category_ids), matches.num_images)
    return sparse.coo_array((matches.truth_counts[area].astype(float), place), shape=shape).tocsr()
