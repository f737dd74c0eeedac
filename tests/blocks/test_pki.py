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


def test_the_gate_adds_to_what_it_gates():
    block, x = PKIBlock(8).eval(), torch.rand(1, 8, 9, 9)
    mixed = block.poly(block.before(x))
    block.after = torch.nn.Identity()
    gate = block.context(torch.ones_like(mixed))  # the gate itself would be another one at ones
    assert gate.shape == mixed.shape
    torch.testing.assert_close(block(x), x + mixed + block.context(mixed))
