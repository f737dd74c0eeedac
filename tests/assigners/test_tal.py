from __future__ import annotations

import pytest
import torch

from assigners.case import predictions, targets
from yololab.assigners import TaskAligned
from yololab.ops.boxes import pairwise_iou


def test_task_alignment_scales_the_best_point_to_the_best_overlap():
    p, t = predictions(), targets([(1, 20, 20, 70, 70)])
    got = TaskAligned()(p, t)
    overlaps = pairwise_iou(t.boxes_xyxy[0], p.boxes_xyxy[0])[0, got.positive[0]]
    assert 0 < got.quality.max() <= overlaps.max() + 1e-6


def test_task_alignment_adds_eps_to_the_best_alignment_alone():
    p, t = predictions(), targets([(1, 20, 20, 70, 70)])
    # With eps equal to the best alignment a, every quality falls by a / (a + a) = 1/2.
    plain = TaskAligned(alpha=1.0, beta=0.0, eps=0.0)(p, t)
    alignment = p.scores[0, :, 1][plain.positive[0]].max().item()
    damped = TaskAligned(alpha=1.0, beta=0.0, eps=alignment)(p, t)
    assert torch.equal(damped.positive, plain.positive)
    torch.testing.assert_close(damped.quality, plain.quality / 2)


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match="must be 'containing' or 'all', got 'any'"):
        TaskAligned(contested_among="any")
