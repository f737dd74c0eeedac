from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from blocks.case import BlockContract
from yololab.blocks import C2fStar
from yololab.blocks.star import StarBlock


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2}, {"channels": 16, "ratio": 2}], ids=str)
class TestC2fStar(BlockContract):
    block = C2fStar


def test_two_linear_maps_multiply_each_other():
    torch.manual_seed(0)
    block, x = StarBlock(8).eval(), torch.rand(1, 8, 6, 6)
    y = block.dwconv(x)
    first, second = (F.conv2d(y, f.weight, f.bias) for f in (block.f1, block.f2))
    star = first.clamp(0, 6) * second
    torch.testing.assert_close(block(x), x + block.dwconv2(block.g(star)))


def test_its_parameters_are_those_of_the_papers_layers():
    c, r = 8, 3
    layers = (49 * c + c + 2 * c) + 2 * (c * r * c + r * c) + (r * c * c + c + 2 * c) + (49 * c + c)
    assert sum(parameter.numel() for parameter in StarBlock(c, r).parameters()) == layers
