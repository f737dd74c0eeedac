from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab.blocks import C2fPKI
from yololab.blocks.pki import PKIBlock, PolyKernel


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2}, {"channels": 16}], ids=str)
class TestC2fPKI(BlockContract):
    block = C2fPKI


def test_kernels_of_five_sizes_see_one_local_feature():
    poly = PolyKernel(4).eval()
    poly.mix = torch.nn.Identity()
    image = torch.zeros(1, 4, 25, 25)
    image[..., 12, 12] = 1
    moved = (poly(image) - poly(torch.zeros_like(image))).abs().sum(dim=1)[0] > 1e-7
    rows = moved.any(dim=1).nonzero().flatten()
    assert (int(rows.min()), int(rows.max())) == (6, 18)  # 3x3, then 11x11: 6 pixels to each side
    local = poly.local(image)
    torch.testing.assert_close(poly(image), local + sum(conv(local) for conv in poly.around))


def test_the_gate_sees_what_the_kernels_see_and_adds_to_their_sum():
    block, x = PKIBlock(8).eval(), torch.rand(1, 8, 9, 9)
    block.after = torch.nn.Identity()
    narrow = block.before(x)
    with torch.no_grad():
        for bias, gate in ((-80.0, 0.0), (80.0, 1.0)):  # closed, the sum alone is left; open, there is twice of it
            block.context.conv2.weight.zero_()
            block.context.conv2.bias.fill_(bias)
            torch.testing.assert_close(block(x), x + (1 + gate) * block.poly(narrow))


def test_the_gate_comes_from_the_input_and_not_from_the_sum():
    block, x = PKIBlock(8).eval(), torch.rand(1, 8, 9, 9)
    block.after = torch.nn.Identity()
    before = block.context.gate(block.before(x))
    with torch.no_grad():
        block.poly.mix.bn.weight.mul_(3)
    mixed = block.poly(block.before(x))
    torch.testing.assert_close(block(x), x + before * mixed + mixed)
