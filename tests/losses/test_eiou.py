from __future__ import annotations

import pytest
import torch

from yololab.losses import EIoULoss, FocalEIoULoss

A, B = torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[5.0, 5, 15, 15]])


def test_the_focal_weight_is_the_overlap_to_a_power():
    assert FocalEIoULoss(0.5)(A, B).item() == pytest.approx((25 / 175) ** 0.5 * EIoULoss()(A, B).item())


def test_a_differentiated_weight_has_a_finite_slope_where_boxes_only_touch():
    a = torch.tensor([[0.0, 0, 10, 10]], requires_grad=True)
    FocalEIoULoss(0.5, detach_weight=False)(a, torch.tensor([[10.0, 0, 20, 10]])).sum().backward()
    assert torch.isfinite(a.grad).all()
