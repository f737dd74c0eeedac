from __future__ import annotations

import math

import pytest
import torch

from yololab.losses.siou import angle_cost, distance_cost, shape_cost
from yololab.ops.overlap import geometry


def pair(offset, size_a=(10, 10), size_b=(10, 10)):
    def around(center, size):
        return torch.tensor(
            [[center[0] - size[0] / 2, center[1] - size[1] / 2, center[0] + size[0] / 2, center[1] + size[1] / 2]]
        )

    return geometry(around((0, 0), size_a), around(offset, size_b))


@pytest.mark.parametrize(
    ("offset", "cost"), [((5, 0), 0), ((0, 5), 0), ((0, 0), 0), ((5, 5), 1), ((5, -5), 1), ((1, 3**0.5), 3**0.5 / 2)]
)
def test_siou_angle_cost_is_zero_on_the_axes_and_one_on_the_diagonal(offset, cost):
    assert angle_cost(pair(offset)).item() == pytest.approx(cost, abs=1e-6)


def test_siou_distance_cost_by_equation_5():
    # dx = 5, hull 15 wide, on an axis: gamma = 2; no offset in y.
    assert distance_cost(pair((5, 0))).item() == pytest.approx(1 - math.exp(-2 * (5 / 15) ** 2))


def test_siou_shape_cost_by_equation_8():
    expected = (1 - math.exp(-0.5)) ** 4 + (1 - math.exp(-0.75)) ** 4
    assert shape_cost(pair((0, 0), (10, 10), (20, 40)), 4.0).item() == pytest.approx(expected)
