"""Curves keep true positives, and how many other detections lie before each."""

import numpy as np

from coco_case import coco_case
from yololab.statistics.curves import curves_of
from yololab.statistics.matcher import match_detections


def test_points_and_counts_are_those_of_a_plain_loop():
    matches = match_detections(*coco_case())
    weights = np.random.default_rng(0).integers(0, 3, matches.num_images).astype(float)
    for area in range(4):
        curves = curves_of(matches, area)
        segments = np.append(np.cumsum(curves.segment_counts @ weights), 0.0)  # -1 reads the last: nothing before
        signed = np.append(0.0, np.cumsum(curves.correction_sign * weights[curves.correction_image]))
        for index, number in enumerate(curves.curve):
            class_index, threshold = divmod(int(number), curves.num_thresholds)
            points = slice(curves.starts[index], curves.starts[index + 1])
            counted = segments[curves.segment[points]] - segments[curves.segment_before[index]]
            counted += signed[curves.correction[points]] - signed[curves.correction_before[index]]
            image, expected = plain(matches, area, class_index, threshold, weights)
            assert curves.image[points].tolist() == image
            assert counted.tolist() == expected


def plain(matches, area, class_index, threshold, weights):
    image, expected, counted = [], [], 0.0
    for detection in range(*matches.class_starts[class_index : class_index + 2]):
        if matches.ignored[area, threshold, detection]:
            continue
        counted += weights[matches.image[detection]]
        if matches.matched[area, threshold, detection]:
            image.append(int(matches.image[detection]))
            expected.append(counted)
    return image, expected


def test_a_run_without_detections_has_no_curves():
    truth, _ = coco_case()
    curves = curves_of(match_detections(truth, np.zeros((0, 7))), 0)
    assert (len(curves.curve), len(curves.image)) == (0, 0)
