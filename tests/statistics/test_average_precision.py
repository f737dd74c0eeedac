"""Weighted average precision: pycocotools' where all weights are one, and that of copied images where they are not."""

import numpy as np
import pytest

from coco_case import coco_case, evaluated
from yololab.statistics.average_precision import average_precision
from yololab.statistics.curves import curves_of
from yololab.statistics.matcher import match_detections


def reference(evaluator, area):
    found = evaluator.eval["precision"][:, :, :, area, 2]
    return np.where(found[0, 0] < 0, np.nan, found.mean(axis=1)).T  # (classes, thresholds)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("block", [2**16, 64])
def test_weights_of_one_give_pycocotools(seed, block, monkeypatch):
    monkeypatch.setattr("yololab.statistics.average_precision.BLOCK", block)
    truth, detections = coco_case(seed)
    matches, evaluator = match_detections(truth, detections), evaluated(truth, detections)
    for area in range(4):
        found = average_precision(curves_of(matches, area), np.ones((2, matches.num_images)))
        assert found[1] == pytest.approx(reference(evaluator, area), abs=1e-9, nan_ok=True)


def test_weights_are_copies_of_images():
    truth, detections = coco_case(7)
    detections[:, 5] += np.random.default_rng(1).uniform(0, 1e-3, len(detections))  # ties of copies have no one order
    weights = np.random.default_rng(0).multinomial(40, np.full(40, 1 / 40)).astype(float)
    found = average_precision(curves_of(match_detections(truth, detections), 0), weights[None])[0]
    assert found == pytest.approx(reference(evaluated(*copied(truth, detections, weights)), 0), abs=1e-9, nan_ok=True)


def copied(truth, detections, weights):
    images, annotations, rows = [], [], []
    for image, count in enumerate(weights.astype(int)):
        for copy in range(count):
            new = 1000 * copy + image
            images.append({"id": new, "width": 640, "height": 640})
            found = [annotation for annotation in truth["annotations"] if annotation["image_id"] == image]
            annotations += [{**a, "image_id": new, "id": a["id"] + 10_000 * copy} for a in found]
            rows.append(detections[detections[:, 0] == image].copy())
            rows[-1][:, 0] = new
    return {**truth, "images": images, "annotations": annotations}, np.concatenate(rows)


def test_a_recall_of_seven_tenths_does_not_reach_its_threshold_as_in_coco():
    truth = {
        "images": [{"id": 0, "width": 640, "height": 640}],
        "annotations": [
            {"id": i + 1, "image_id": 0, "category_id": 1, "bbox": [i * 20, 0, 9, 9], "area": 81, "iscrowd": 0}
            for i in range(10)
        ],
        "categories": [{"id": 1, "name": "a"}],
    }
    detections = np.array([[0, i * 20, 0, 9, 9, 0.9, 1] for i in range(7)])
    found = average_precision(curves_of(match_detections(truth, detections), 0), np.ones((1, 1)))
    assert found[0, 0, 0] == pytest.approx(70 / 101)
    assert found[0] == pytest.approx(reference(evaluated(truth, detections), 0), abs=1e-9)


def test_no_detections_have_precision_zero_where_there_is_ground_truth():
    truth, _ = coco_case()
    matches = match_detections(truth, np.zeros((0, 7)))
    found = average_precision(curves_of(matches, 0), np.ones((1, 40)))[0]
    assert (found[:4] == 0).all()
    assert np.isnan(found[4]).all()
