from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab.blocks import BepC3, RepPair


@pytest.mark.parametrize(
    "args", [{"channels": 24, "repeats": 4}, {"channels": 16, "plain": True, "expansion": 2 / 3}], ids=str
)
class TestBepC3(BlockContract):
    block = BepC3


@pytest.mark.parametrize("args", [{"channels": 16}, {"channels": 24, "plain": True}], ids=str)
class TestRepPair(BlockContract):
    block = RepPair


def test_half_as_many_pairs_as_repeats():
    assert [len(BepC3(16, channels=16, repeats=n).m) for n in (1, 2, 3, 6)] == [1, 1, 1, 3]


def test_the_residual_is_weighed():
    block, x = RepPair(8, channels=8).eval(), torch.rand(1, 8, 4, 4)
    with torch.no_grad():
        without = block(x) - x
        block.alpha.fill_(3.0)
    torch.testing.assert_close(block(x), without + 3 * x)
