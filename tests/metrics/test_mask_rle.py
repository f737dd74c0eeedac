from __future__ import annotations

import numpy as np
import pytest
import torch
from pycocotools import mask as coco_mask

from yololab.data import ShapesSource
from yololab.data.letterbox import Letterbox, letterbox
from yololab.metrics.coco_eval import evaluate
from yololab.metrics.coco_metric import CocoMetric, ground_truth
from yololab.metrics.mask_rle import encode_masks, ground_truth_masks
from yololab.metrics.nms import Suppressed


def found(boxes, coefficients):
    count = len(boxes)
    return Suppressed(
        torch.tensor(boxes), torch.linspace(0.9, 0.5, count), torch.zeros(count, dtype=torch.long), coefficients
    )


def test_a_mask_comes_back_in_original_pixels_and_inside_its_box():
    # Original 80 x 40, network 64 x 64: scale 0.8, 16 pixels of padding above and below.
    _, back = letterbox(np.zeros((32, 64, 3), np.uint8), (64, 64), original=(80, 40))
    prototypes = torch.full((1, 16, 16), -1.0)
    prototypes[0, 6:10, 4:12] = 1.0  # network rows 24..40, columns 16..48 = original rows 10..30, columns 20..60
    (rle,) = encode_masks(found([[0.0, 16, 64, 48]], torch.ones(1, 1)), prototypes, back, (64, 64))
    mask = coco_mask.decode(rle).astype(bool)
    assert mask.shape == (40, 80)
    rows, columns = np.nonzero(mask)
    assert [rows.min(), rows.max() + 1, columns.min(), columns.max() + 1] == pytest.approx([10, 30, 20, 60], abs=2)
    (cut,) = encode_masks(found([[0.0, 16, 32, 48]], torch.ones(1, 1)), prototypes, back, (64, 64))
    assert np.nonzero(coco_mask.decode(cut))[1].max() < 40


def test_no_detection_has_no_mask():
    nothing = Suppressed(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, dtype=torch.long), torch.zeros(0, 1))
    assert encode_masks(nothing, torch.zeros(1, 4, 4), Letterbox(1, 1, 0, 0, 16, 16), (16, 16)) == []


@pytest.mark.parametrize("backend", ["hotcoco", "pycocotools"])
def test_the_metrics_mask_numbers_are_pycocotools_own(backend):
    data = ShapesSource(train=1, val=12, size=64).read("val")
    metric = CocoMetric(data, backend, with_masks=True)
    rng = np.random.default_rng(0)
    results = []
    for index, record in enumerate(data.records):
        _, back = letterbox(np.zeros((64, 64, 3), np.uint8), (64, 64), (64, 64))
        masks = []
        for rle in ground_truth_masks(record):
            shifted = np.roll(coco_mask.decode(rle), rng.integers(0, 5), axis=1)
            masks.append(coco_mask.encode(np.asfortranarray(shifted)))
        scores = torch.from_numpy(np.sort(rng.random(len(masks)))[::-1].copy())
        image = Suppressed(torch.from_numpy(record.boxes_xyxy), scores, torch.from_numpy(record.labels))
        metric.update([index], [back], [image])
        metric.update_masks(index, image, masks)
        for mask, score, label in zip(masks, scores.tolist(), record.labels.tolist(), strict=True):
            results.append(
                {"image_id": record.image_id, "category_id": label + 1, "score": score, "segmentation": mask}
            )
    got = metric.compute()
    truth = ground_truth(data.records, data.classes, with_masks=True)
    want = evaluate(truth, results, "segm", "pycocotools").stats
    assert 0.1 < want[0] < 1
    assert [got["mask_mAP"], got["mask_mAP50"], got["mask_mAP_large"]] == pytest.approx(
        [want[0], want[1], want[5]], abs=1e-9, nan_ok=True
    )
    assert got["mAP"] == pytest.approx(1.0)
