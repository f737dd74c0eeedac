"""Against scikit-learn's definitions done by hand, and a search over every confidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coco_case import coco_case
from yololab.statistics.matcher import match_detections
from yololab.statistics.operating_point import operating_point


def box(image, score, x=0.0, category=1):
    return [image, x, 0.0, 10.0, 10.0, score, category]


def truth(*categories):
    annotations = [
        {"id": i + 1, "image_id": 0, "category_id": c, "bbox": [100.0 * i, 0, 10, 10], "area": 100.0, "iscrowd": 0}
        for i, c in enumerate(categories)
    ]
    return {"images": [{"id": 0}], "annotations": annotations, "categories": [{"id": 1}, {"id": 2}, {"id": 3}]}


def test_by_hand():
    # Two objects of class 1, one of class 2. At 0.7 class 1 has 1 of 1, at 0.5 2 of 3; class 2 has 1 of 1 from 0.6 on.
    found = [box(0, 0.9), box(0, 0.6, 200.0, 2), box(0, 0.55, 50.0), box(0, 0.5, 100.0)]
    point = operating_point(match_detections(truth(1, 1, 2), np.array(found)))
    # F1 of class 1 at 0.5: 2 * (2/3) * 1 / (5/3) = 0.8; of class 2: 1.
    assert (point.confidence, point.f1) == (pytest.approx(0.5), pytest.approx(0.9))
    assert (point.precision, point.recall) == (pytest.approx((2 / 3 + 1) / 2), 1.0)


def test_no_other_confidence_does_better():
    matches = match_detections(*coco_case())
    best = operating_point(matches)
    hit = matches.matched[0, 0] & ~matches.ignored[0, 0]
    counted = ~matches.ignored[0, 0]
    truths = np.bincount(matches.truth_class, matches.truth_counts[0], minlength=len(matches.category_ids))
    for confidence in np.unique(matches.score):
        scores = []
        for index in np.flatnonzero(truths):
            own = slice(*matches.class_starts[index : index + 2])
            above = matches.score[own] >= confidence
            hits, found = (hit[own] & above).sum(), (counted[own] & above).sum()
            scores.append(2 * hits / (found + truths[index]))  # F1 = 2 TP / (found + truths)
        assert np.mean(scores) <= best.f1 + 1e-12
        if confidence == np.float32(best.confidence):
            assert np.mean(scores) == pytest.approx(best.f1)


def test_nothing_to_find_has_no_such_point_and_nothing_found_has_0():
    assert operating_point(match_detections(truth(), np.array([box(0, 0.5)]))) is None
    nothing = operating_point(match_detections(truth(1), np.zeros((0, 7))))
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)
    earlier = replace(match_detections(truth(1), np.array([box(0, 0.5)])), score=None)
    assert operating_point(earlier) is None
