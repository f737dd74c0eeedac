from __future__ import annotations

import pytest
import torch

from assigners.case import predictions, targets
from yololab.assigners import TaskAligned
from yololab.assigners.tal import enlarged
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


def test_small_boxes_are_enlarged_about_their_centres():
    boxes = torch.tensor([[10.0, 10, 14, 40], [0.0, 0, 20, 30], [5.0, 5, 5, 5]])
    assert enlarged(boxes, 16.0).tolist() == [[4, 10, 20, 40], [0, 0, 20, 30], [-3, -3, 13, 13]]


def test_a_box_that_holds_no_point_finds_some_once_it_is_enlarged():
    p, t = predictions(), targets([(1, 21, 21, 23, 23)])
    assert not TaskAligned()(p, t).positive.any()
    assert TaskAligned(least_side=16.0)(p, t).positive.any()


def test_of_what_a_box_still_holds_the_best_are_kept():
    p, t = predictions(), targets([(1, 20, 20, 70, 70), (0, 60, 60, 120, 120)])
    many, one = TaskAligned(top_k=7)(p, t), TaskAligned(top_k=7, keep=1)(p, t)
    for box in (0, 1):
        own = many.positive[0] & (many.box_index[0] == box)
        kept = one.positive[0] & (one.box_index[0] == box)
        assert int(kept.sum()) == 1
        assert many.quality[0][own].argmax() == kept[own].float().argmax()
