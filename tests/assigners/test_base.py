from __future__ import annotations

import torch

from yololab.assigners.base import gather_boxes, inside_boxes, nothing_assigned

POINTS = torch.tensor([[4.0, 4], [12, 4], [20, 4], [16, 4]])


def test_a_point_lies_inside_a_box_strictly_and_beyond_the_margin():
    boxes = torch.tensor([[[0.0, 0, 16, 8]]])
    assert inside_boxes(POINTS, boxes)[0, 0].tolist() == [True, True, False, False]
    assert inside_boxes(POINTS, boxes, margin=3.9)[0, 0].tolist() == [True, True, False, False]
    assert inside_boxes(POINTS, boxes, margin=4.0)[0, 0].tolist() == [False] * 4


def test_rows_are_gathered_image_by_image():
    values = torch.arange(12.0).view(2, 2, 3)
    assert gather_boxes(values, torch.tensor([[1], [0]])).tolist() == [[[3, 4, 5]], [[6, 7, 8]]]


def test_an_image_without_boxes_has_no_positive_and_no_weight():
    got = nothing_assigned(2, 5, torch.device("cpu"))
    assert got.positive.shape == (2, 5)
    assert got.positive.sum() == got.quality.sum() == got.box_weight.sum() == 0
