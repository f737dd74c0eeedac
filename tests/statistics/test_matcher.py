"""The matcher equals pycocotools, detection by detection."""

import numpy as np
import pytest

from coco_case import coco_case, evaluated
from yololab.errors import DataError
from yololab.statistics.matcher import match_detections
from yololab.statistics.matches import matches_of_evaluator


@pytest.mark.parametrize("seed", range(3))
def test_every_flag_is_that_of_pycocotools(seed):
    truth, detections = coco_case(seed)
    own, reference = match_detections(truth, detections), matches_of_evaluator(evaluated(truth, detections))
    for name in ("category_ids", "thresholds", "image", "class_starts", "matched", "ignored"):
        assert np.array_equal(getattr(own, name), getattr(reference, name)), name
    assert truths(own) == truths(reference)


def truths(matches):
    rows = zip(matches.truth_class.tolist(), matches.truth_image.tolist(), matches.truth_counts.T.tolist(), strict=True)
    return sorted(row for row in rows if any(row[2]))


def test_no_detections_are_matches_of_nothing():
    truth, _ = coco_case()
    found = match_detections(truth, np.zeros((0, 7)))
    assert found.image.shape == (0,)
    assert found.truth_counts[0].sum() > 0


def test_an_unknown_image_is_refused_and_an_unknown_class_left_out():
    truth, detections = coco_case()
    strange = detections[:1].copy()
    strange[0, 6] = 99
    assert match_detections(truth, strange).image.shape == (0,)
    strange[0, [0, 6]] = [777, 1]
    with pytest.raises(DataError, match="image 777"):
        match_detections(truth, strange)
