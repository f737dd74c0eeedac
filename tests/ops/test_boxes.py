from __future__ import annotations

import torch
from torchvision.ops import box_iou

from yololab.ops.boxes import cxcywh_to_xyxy, pairwise_iou


def random_boxes(count, seed):
    generator = torch.Generator().manual_seed(seed)
    low, size = torch.rand(count, 2, generator=generator) * 50, torch.rand(count, 2, generator=generator) * 30 + 1
    return torch.cat((low, low + size), dim=1)


def test_a_box_reaches_half_its_size_from_its_centre():
    assert cxcywh_to_xyxy(torch.tensor([[20.0, 40, 20, 40]])).tolist() == [[10, 20, 30, 60]]


def test_pairwise_iou_is_torchvisions():
    a, b = random_boxes(20, 1), random_boxes(30, 2)
    torch.testing.assert_close(pairwise_iou(a, b), box_iou(a, b))
