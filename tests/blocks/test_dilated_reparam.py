from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from blocks.case import BlockContract
from yololab.blocks import C2fDilated, DilatedReparam
from yololab.blocks.base import deploy_children
from yololab.blocks.dilated_reparam import BRANCHES, undilated


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2}, {"channels": 16, "kernel_size": 9}], ids=str)
class TestC2fDilated(BlockContract):
    block = C2fDilated


@pytest.mark.parametrize("size", BRANCHES)
def test_every_size_becomes_one_kernel(size):
    block, x = DilatedReparam(6, size), torch.rand(2, 6, 15, 17)
    for _ in range(3):
        block(torch.randn(4, 6, 15, 17))
    expected = block.eval()(x)
    deployed = deploy_children(block)
    assert deployed.conv.kernel_size == (size, size)
    torch.testing.assert_close(deployed(x), expected, rtol=1e-4, atol=1e-5)


def test_a_kernel_without_dilation_is_the_dilated_one():
    x, kernel = torch.rand(1, 4, 20, 20), torch.rand(3, 4, 3, 3)
    torch.testing.assert_close(F.conv2d(x, undilated(kernel, 4)), F.conv2d(x, kernel, dilation=4))


def test_branches_reach_no_farther_than_the_large_kernel():
    assert all(rate * (k - 1) + 1 <= size for size, branches in BRANCHES.items() for k, rate in branches)


def test_another_size_is_refused():
    with pytest.raises(ValueError, match="one of 5, 7, 9, 11, 13"):
        DilatedReparam(8, 6)
