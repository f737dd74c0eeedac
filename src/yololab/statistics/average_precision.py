"""Average precision of weighted images: COCO's 101-point interpolation on Curves, many weightings at once.

A weighting says how often each image is there (a bootstrap replicate: multinomial counts; all ones: the data set
itself, where the result is pycocotools' to rounding). With TP and N the weighted counts of true positives and of all
counted detections up to a point, T the weighted ground truths of the class,

    AP = sum over points of max(later TP / N) * (recall thresholds in (previous TP / T, TP / T]) / 101,

which equals reading the precision envelope at each of the 101 thresholds. Classes without ground truth in a weighting
have no AP there (nan) and do not enter the mean.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from yololab.statistics.curves import Curves

RECALLS = np.linspace(0.0, 1.0, 101)
LATE = np.arange(101) / 100 < RECALLS
"""(101,) which thresholds rounding has put above their hundredth: recall 7 / 10 does not reach 0.7000000000000001"""
SMALL = 1e-9
"""More than rounding of 100 TP / T, less than its distance to a whole number: T < 10^7"""
BLOCK = 2**16
"""Numbers worked on at once: they stay in a core's cache"""


def average_precision(curves: Curves, weights: np.ndarray) -> np.ndarray:
    """AP for `weights` (weightings, images), whole numbers as floats -> (weightings, classes, thresholds)."""
    count = len(weights)
    truths = (curves.truths @ weights.T).T  # (weightings, classes)
    result = np.zeros((count, curves.num_classes * curves.num_thresholds))
    detections = np.zeros((count, len(curves.segment_counts.indptr)))  # before the first segment stands a 0
    np.cumsum((curves.segment_counts @ weights.T).T, axis=1, out=detections[:, 1:])
    corrections = np.zeros((count, len(curves.correction_image) + 1))
    np.cumsum(weights[:, curves.correction_image] * curves.correction_sign, axis=1, out=corrections[:, 1:])
    for first, last in _blocks(curves.starts, max(1, BLOCK // count)):
        points = slice(curves.starts[first], curves.starts[last])
        chosen = slice(first, last)
        counted = detections.take(curves.segment[points] + 1, axis=1)
        before = detections[:, curves.segment_before[chosen] + 1]
        if len(curves.correction_image):
            counted += corrections.take(curves.correction[points], axis=1)
            before = before + corrections[:, curves.correction_before[chosen]]
        starts = curves.starts[first:last] - curves.starts[first]
        lengths = np.diff(curves.starts[first : last + 1])
        counted -= np.repeat(before, lengths, axis=1)
        hits = weights.take(curves.image[points], axis=1)
        class_truths = truths[:, curves.curve[chosen] // curves.num_thresholds]
        result[:, curves.curve[chosen]] = _interpolated(hits, counted, class_truths, starts, lengths)
    result = result.reshape(count, curves.num_classes, curves.num_thresholds)
    result[truths == 0] = np.nan
    return result


def _interpolated(
    hits: np.ndarray, counted: np.ndarray, truths: np.ndarray, starts: np.ndarray, lengths: np.ndarray
) -> np.ndarray:
    """AP (weightings, curves) from the weights of true positives and counted detections (weightings, points).

    `hits` and `counted` are overwritten. Sums over all curves restart at each by taking off what was summed before.
    """
    totals = np.add.reduceat(hits, starts, axis=1)
    hits[:, starts[1:]] -= totals[:, :-1]
    np.cumsum(hits, axis=1, out=hits)  # weighted true positives so far
    np.maximum(counted, 1.0, out=counted)  # 0 / 0 where no image is there yet
    precision = np.divide(hits, counted, out=counted)
    floors = np.arange(len(starts), 0, -1, dtype=float)  # earlier curves stand higher: one running maximum serves all
    precision += np.repeat(floors, lengths)
    np.maximum.accumulate(precision[:, ::-1], axis=1, out=precision[:, ::-1])
    hits *= np.repeat(100 / np.maximum(truths, 1.0), lengths, axis=1)
    reached = _reached(hits)
    ends = starts + lengths - 1
    at_end = reached[:, ends]
    steps = hits  # its memory again
    steps[:, 0] = reached[:, 0]
    np.subtract(reached[:, 1:], reached[:, :-1], out=steps[:, 1:])
    steps[:, starts[1:]] += at_end[:, :-1]
    steps *= precision
    first = precision[:, starts] - floors  # what the recall threshold 0 reads
    return (np.add.reduceat(steps, starts, axis=1) - floors * at_end + first) / len(RECALLS)


def _reached(percent: np.ndarray) -> np.ndarray:
    """How many of COCO's recall thresholds above 0 each recall in per cent reaches; `percent` is overwritten."""
    percent += SMALL
    reached = np.floor(percent)
    percent -= reached
    whole = np.nonzero(percent < 2 * SMALL)
    reached[whole] -= LATE[reached[whole].astype(np.intp)]
    return reached


def _blocks(starts: np.ndarray, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of whole curves of about `size` points each."""
    first = 0
    while first < len(starts) - 1:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + size, side="right")) - 1)
        yield first, last
        first = last
