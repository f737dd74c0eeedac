from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab.blocks import C2fFaster
from yololab.blocks.faster import FasterBlock, PartialConv


@pytest.mark.parametrize(
    "args", [{"channels": 24, "repeats": 2}, {"channels": 16, "divisor": 2, "ratio": 3.0}], ids=str
)
class TestC2fFaster(BlockContract):
    block = C2fFaster


def test_three_quarters_of_the_channels_pass():
    x = torch.rand(2, 16, 5, 5)
    y = PartialConv(16)(x)
    assert torch.equal(y[:, 4:], x[:, 4:])
    assert not torch.allclose(y[:, :4], x[:, :4])


def test_its_parameters_are_those_of_the_papers_equation():
    count = sum(parameter.numel() for parameter in FasterBlock(32).parameters())
    assert count == 9 * 8 * 8 + 32 * 64 + 2 * 64 + 64 * 32


def test_without_its_last_convolution_it_is_the_identity():
    block, x = FasterBlock(16), torch.rand(1, 16, 4, 4)
    torch.nn.init.zeros_(block.narrow.weight)
    torch.testing.assert_close(block(x), x)
