"""Triplet attention: a 7x7 gate over each pair of the three axes, averaged (arXiv:2010.03045, eq. 1 and 6)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.attention.base import Attention


class PooledConv(nn.Module):
    """conv + bn over what maximum and mean of the first axis behind the batch leave."""

    def __init__(self, kernel_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=False)
        self.bn = nn.BatchNorm2d(1, eps=1e-5, momentum=0.01)

    def forward(self, x: Tensor) -> Tensor:
        """(B, K, M, N) -> (B, 1, M, N)."""
        return self.bn(self.conv(x))


class AxisGate(nn.Module):
    """x * sigmoid(conv([max, mean])) over the axis that comes first."""

    def __init__(self, kernel_size: int) -> None:
        super().__init__()
        self.conv = PooledConv(kernel_size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, K, M, N) -> (B, K, M, N)."""
        pooled = torch.cat((x.amax(dim=1, keepdim=True), x.mean(dim=1, keepdim=True)), dim=1)
        return x * self.conv(pooled).sigmoid()


class TripletAttention(Attention):
    """The mean of three gates: over channels and width, height and channels, and, if `spatial`, height and width."""

    def __init__(self, in_channels: int, *, kernel_size: int = 7, spatial: bool = True) -> None:
        super().__init__()
        self.cw = AxisGate(kernel_size)
        self.hc = AxisGate(kernel_size)
        self.hw = AxisGate(kernel_size) if spatial else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        found = [self.cw(x.transpose(1, 2)).transpose(1, 2), self.hc(x.transpose(1, 3)).transpose(1, 3)]
        if self.hw is not None:
            found.append(self.hw(x))
        return torch.stack(found).mean(dim=0)
