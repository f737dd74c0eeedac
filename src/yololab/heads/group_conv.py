"""A convolution with group norm, for layers that several levels share: statistics of one image and no other."""

from __future__ import annotations

import math

from torch import Tensor, nn

from yololab.blocks.activation import make_activation

GROUPS = 16


def group_norm(channels: int) -> nn.GroupNorm:
    """Of 16 groups, or as many of them as divide the channels."""
    return nn.GroupNorm(math.gcd(GROUPS, channels), channels)


class GroupConv(nn.Module):
    """Convolution, group norm, activation."""

    def __init__(self, in_channels: int, channels: int, kernel_size: int, activation: str = "silu") -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, kernel_size, padding=kernel_size // 2, bias=False)
        self.gn = group_norm(channels)
        self.act = make_activation(activation)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        return self.act(self.gn(self.conv(x)))
