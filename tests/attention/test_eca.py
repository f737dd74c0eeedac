from __future__ import annotations

import math

import pytest
import torch

from yololab import attention
from yololab.attention.eca import adaptive_kernel_size


@pytest.mark.parametrize(("channels", "size"), [(16, 3), (64, 3), (128, 5), (256, 5), (512, 5), (1024, 5), (2048, 7)])
def test_adaptive_kernel_size_follows_equation_12(channels, size):
    # ECA-Net, sec. 4.1: gamma 2 and b 1 give k = 5 for C = 256 and C = 512.
    assert adaptive_kernel_size(channels) == size
    assert abs(size - (math.log2(channels) + 1) / 2) <= 1


def test_eca_mixes_neighbouring_channels_only():
    module, x = attention.ECA(8), torch.rand(1, 8, 4, 4)
    changed = x.clone()
    changed[:, 0] += 1
    same = [torch.equal(module(x)[:, c], module(changed)[:, c]) for c in range(8)]
    assert same == [False, False] + [True] * 6
