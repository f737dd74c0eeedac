from __future__ import annotations

import numpy as np
import pytest

from yololab.data import ShapesSource
from yololab.metrics.coco_eval import STAT_NAMES, evaluate
from yololab.metrics.coco_metric import ground_truth


@pytest.fixture(scope="module")
def data():
    return ShapesSource(train=1, val=40, size=96).read("val")


def noisy_detections(data, seed=0):
    """Labels moved a little, some missed, some invented."""
    rng = np.random.default_rng(seed)
    rows = []
    for record in data.records:
        for box, label in zip(record.boxes_xyxy, record.labels, strict=True):
            if rng.random() < 0.85:
                moved = box + rng.normal(0, 3, 4)
                wrong = int(rng.integers(3)) if rng.random() < 0.15 else int(label)
                rows.append([record.image_id, *moved[:2], *(moved[2:] - moved[:2]), rng.random(), wrong + 1])
        for _ in range(int(rng.integers(4))):
            rows.append(
                [
                    record.image_id,
                    *rng.uniform(0, 60, 2),
                    *rng.uniform(5, 30, 2),
                    rng.random() * 0.5,
                    rng.integers(3) + 1,
                ]
            )
    return np.array(rows, dtype=np.float64)


def test_both_backends_give_the_same_twelve_numbers(data):
    truth, rows = ground_truth(data.records, data.classes), noisy_detections(data)
    fast, judge = (evaluate(truth, rows, backend=backend) for backend in ("hotcoco", "pycocotools"))
    assert 0.1 < judge.stats[0] < 0.9
    np.testing.assert_allclose(fast.stats, judge.stats, atol=1e-9, rtol=0)
    np.testing.assert_allclose(fast.per_class, judge.per_class, atol=1e-9, rtol=0)


@pytest.mark.parametrize("backend", ["hotcoco", "pycocotools"])
def test_what_cannot_be_measured_is_nan_and_never_minus_one(data, backend):
    truth, rows = ground_truth(data.records, [*data.classes, "never seen"]), noisy_detections(data)
    found = evaluate(truth, rows, backend=backend)
    large = STAT_NAMES.index("mAP_large")
    assert np.isnan(found.stats[large]), "no object of 96 pixels is larger than that"
    assert np.isnan(found.per_class[3]).all()
    assert np.isfinite(found.stats[:3]).all()
    assert np.nanmin(found.stats) >= 0
    assert np.nanmin(found.per_class) >= 0
