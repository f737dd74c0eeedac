"""Suppression as tensor operations finds what the evaluation's finds."""

from __future__ import annotations

import pytest
import torch

from yololab.inference.exported import Exported, suppressed_rows
from yololab.metrics.nms import NMSConfig, suppress
from yololab.structures import Detections


def detections(seed, batch=2, points=400, classes=5, prototypes=0):
    generator = torch.Generator().manual_seed(seed)
    corner = torch.rand(batch, points, 2, generator=generator) * 80 - 5
    size = torch.rand(batch, points, 2, generator=generator) * 40
    scores = torch.rand(batch, points, classes, generator=generator)
    coefficients = torch.rand(batch, points, prototypes, generator=generator) if prototypes else None
    return Detections(torch.cat((corner, corner + size), dim=2), scores, coefficients)


@pytest.mark.parametrize("agnostic", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_rows_are_what_suppression_leaves(seed, agnostic):
    config = NMSConfig(0.6, 0.45, 30, False, agnostic)
    found = detections(seed)
    rows = suppressed_rows(found, config)
    assert rows.shape == (2, 30, 6)
    for image, expected in zip(rows, suppress(found, config), strict=True):
        kept = image[image[:, 4] > 0]
        assert torch.equal(kept[:, :4], expected.boxes_xyxy)
        assert torch.equal(kept[:, 4], expected.scores)
        assert torch.equal(kept[:, 5].long(), expected.labels)
        assert (image[len(kept) :, 4] == 0).all()


def test_mask_coefficients_stay_with_their_boxes():
    config = NMSConfig(0.6, 0.45, 10, False)
    found = detections(3, prototypes=4)
    rows = suppressed_rows(found, config)
    for image, expected in zip(rows, suppress(found, config), strict=True):
        assert torch.equal(image[image[:, 4] > 0, 6:], expected.mask_coefficients)


def test_fewer_points_than_the_limit_are_no_fault():
    rows = suppressed_rows(detections(0, points=7), NMSConfig(0.5, 0.5, 300, False))
    assert rows.shape == (2, 7, 6)


def test_half_precision_is_decoded_in_full(loaded):
    deployed = loaded.detector.deploy()
    half = Exported(deployed, half=True)
    assert next(half.detector.backbone.parameters()).dtype == torch.float16
    assert next(deployed.backbone.parameters()).dtype == torch.float32  # a copy
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        boxes, scores = half(images)
        expected = deployed(images)
    assert boxes.dtype == scores.dtype == torch.float32
    assert (boxes - expected.boxes_xyxy).abs().max() < 0.5
    assert (scores - expected.scores).abs().max() < 0.01
