from __future__ import annotations

import numpy as np
import pytest
import torch

from yololab.data import ShapesSource
from yololab.data.letterbox import letterbox
from yololab.metrics.coco_eval import STAT_NAMES, evaluate
from yololab.metrics.coco_metric import CocoMetric, ground_truth
from yololab.metrics.nms import Suppressed


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


def letterboxed(data, rows, size=128):
    """Detections in the pixels of a network input of another size, with the way back."""
    indices, backs, found = [], [], []
    for index, record in enumerate(data.records):
        _, back = letterbox(np.zeros((size, size, 3), np.uint8), (size, size), (record.width, record.height))
        own = rows[rows[:, 0] == record.image_id]
        boxes = back.to_network(np.concatenate((own[:, 1:3], own[:, 1:3] + own[:, 3:5]), axis=1).clip(0, 96))
        indices.append(index)
        backs.append(back)
        found.append(
            Suppressed(torch.from_numpy(boxes), torch.from_numpy(own[:, 5]), torch.from_numpy(own[:, 6]).long() - 1)
        )
    return indices, backs, found


def clipped(rows):
    low, high = rows[:, 1:3].clip(0, 96), (rows[:, 1:3] + rows[:, 3:5]).clip(0, 96)
    return np.concatenate((rows[:, :1], low, high - low, rows[:, 5:]), axis=1)


@pytest.mark.parametrize("backend", ["hotcoco", "pycocotools"])
def test_the_metric_gives_pycocotools_own_numbers_in_original_pixels(data, backend):
    rows = noisy_detections(data)
    metric = CocoMetric(data, backend)
    indices, backs, found = letterboxed(data, rows)
    for start in range(0, len(indices), 7):
        stop = start + 7
        metric.update(indices[start:stop], backs[start:stop], found[start:stop])
    got = metric.compute()
    want = evaluate(ground_truth(data.records, data.classes), clipped(rows), backend="pycocotools").stats
    np.testing.assert_allclose([got[name] for name in STAT_NAMES], want, atol=1e-9, rtol=0)


def test_the_order_of_batches_does_not_matter(data):
    indices, backs, found = letterboxed(data, noisy_detections(data))
    forward, backward = CocoMetric(data), CocoMetric(data)
    forward.update(indices, backs, found)
    for i in reversed(indices):
        backward.update([i], [backs[i]], [found[i]])
    assert forward.compute() == backward.compute()


def test_no_detection_at_all_scores_zero(data):
    for backend in ("hotcoco", "pycocotools"):
        metric = CocoMetric(data, backend)
        indices, backs, _ = letterboxed(data, noisy_detections(data))
        nothing = Suppressed(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, dtype=torch.long))
        metric.update(indices, backs, [nothing] * len(indices))
        assert metric.compute()["mAP"] == 0
