from __future__ import annotations

import math

import pytest
import torch

from yololab.losses import NWDLoss


def test_it_is_the_distance_of_two_gaussians():
    a, b = torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[3.0, 4, 15, 14]])  # centre 4, 4 away; 2 wider
    assert NWDLoss(10.0)(a, b).item() == pytest.approx(1 - math.exp(-math.sqrt(16 + 16 + 1) / 10))


def test_disjoint_boxes_have_a_slope_and_equal_ones_none():
    a = torch.tensor([[0.0, 0, 4, 4], [9.0, 9, 12, 12]], requires_grad=True)
    NWDLoss()(a, torch.tensor([[20.0, 0, 24, 4], [9.0, 9, 12, 12]])).sum().backward()
    assert a.grad[0, 0] < 0
    assert a.grad[1].tolist() == [0, 0, 0, 0]
