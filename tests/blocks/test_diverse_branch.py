from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab.blocks import C2fDBB, DiverseBranch
from yololab.blocks.base import deploy_children


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2}, {"channels": 16, "shortcut": True}], ids=str)
class TestC2fDBB(BlockContract):
    block = C2fDBB


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "kernel_size": 5}], ids=str)
class TestDiverseBranch(BlockContract):
    block = DiverseBranch


def test_the_deployed_form_is_equal_at_the_border_too():
    torch.manual_seed(0)
    block = DiverseBranch(4, channels=4)
    for _ in range(5):
        block(3 + torch.randn(4, 4, 8, 8))  # statistics far from 0, so that zeros would be a wrong border
    x = torch.randn(1, 4, 3, 3)
    expected = block.eval()(x)
    found = deploy_children(block)(x)
    torch.testing.assert_close(found[..., 0, :], expected[..., 0, :], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
