from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from blocks.case import BlockContract
from yololab.blocks import C2fGLU
from yololab.blocks.conv_glu import ConvGLU, GatedBlock


@pytest.mark.parametrize(
    "args", [{"channels": 24, "repeats": 2}, {"channels": 16, "divisor": 2, "ratio": 3.0}], ids=str
)
class TestC2fGLU(BlockContract):
    block = C2fGLU


def test_the_unit_is_a_gate_from_neighbours_times_a_value():
    unit, x = ConvGLU(12, ratio=1.5), torch.rand(2, 12, 5, 6)
    weight, bias = unit.widen.weight[:, :, 0, 0], unit.widen.bias
    wide = torch.einsum("oc,bchw->bohw", weight, x) + bias[:, None, None]
    gate = F.conv2d(wide[:, :12], unit.near.weight, unit.near.bias, padding=1, groups=12)
    expected = unit.narrow(0.5 * gate * (1 + torch.erf(gate / 2**0.5)) * wide[:, 12:])
    torch.testing.assert_close(unit(x), expected)


def test_two_thirds_make_it_cost_a_plain_pair_of_convolutions():
    kernels = sum(
        p.numel() for name, p in ConvGLU(96, ratio=2.0).named_parameters() if p.ndim == 4 and "near" not in name
    )
    assert kernels == 2 * 96 * 192


def test_without_its_last_convolution_it_is_the_identity():
    block, x = GatedBlock(16), torch.rand(1, 16, 4, 4)
    torch.nn.init.zeros_(block.glu.narrow.weight)
    torch.nn.init.zeros_(block.glu.narrow.bias)
    torch.testing.assert_close(block(x), x)
