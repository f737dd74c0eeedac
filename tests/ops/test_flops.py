from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from yololab.blocks import DeformConv
from yololab.ops.flops import FlopCounter, passing_what_counts_nothing


class Several(nn.Module):
    """One of each kind of operator that torch counts."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.SiLU(), nn.Conv2d(8, 8, 3, groups=4))
        self.up = nn.ConvTranspose2d(8, 4, 2, 2)
        self.attend = nn.MultiheadAttention(4, 2, batch_first=True)
        self.linear = nn.Linear(4, 5)

    def forward(self, x):
        x = self.up(self.conv(x)).flatten(2).transpose(1, 2)
        x = self.attend(x, x, x)[0] + nn.functional.scaled_dot_product_attention(x, x, x)
        return torch.einsum("bnc,bmc->bnm", self.linear(x), self.linear(x)) @ x


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("is_training", [False, True])
def test_the_sum_is_torchs(device, is_training):
    network, x = Several().to(device).train(is_training), torch.empty(2, 3, 9, 9, device=device)
    with torch.no_grad(), FlopCounterMode(display=False) as reference:
        network(x)
    with torch.no_grad(), FlopCounter() as counter, passing_what_counts_nothing(network):
        network(x)
    assert counter.total == reference.get_total_flops() > 0
    assert not [module for module in network.modules() if "forward" in vars(module)]


@pytest.mark.parametrize("stride", [1, 2])
def test_a_deformable_convolution_counts_as_the_convolution_that_it_is(stride):
    block, x = DeformConv(6, channels=5, stride=stride).eval(), torch.rand(2, 6, 8, 10)
    with FlopCounter() as whole:
        block(x)
    with FlopCounter() as parts:
        block.conv(x)
        block.where(x)
    assert whole.total == parts.total > 0
