from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab.blocks import C2fDWR
from yololab.blocks.dwr import DilationResidual


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2}, {"channels": 16}], ids=str)
class TestC2fDWR(BlockContract):
    block = C2fDWR


def test_one_region_is_seen_at_three_dilations():
    block = DilationResidual(16)
    assert [branch.conv.dilation[0] for branch in block.semantic] == [1, 3, 5]
    assert [branch.conv.out_channels for branch in block.semantic] == [16, 8, 8]
    reached = torch.zeros(1, 16, 15, 15)
    reached[..., 7, 7] = 1
    moved = (block.eval()(reached) - block(torch.zeros_like(reached))).abs().sum(dim=1)[0] > 1e-7
    rows = moved.any(dim=1).nonzero().flatten()
    assert (int(rows.min()), int(rows.max())) == (1, 13)  # 3x3, then 3x3 at dilation 5: 6 pixels to each side
