"""SPPELAN: spatial pyramid pooling in an ELAN (YOLOv9, arXiv:2402.13616)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv


class SPPELAN(Block):
    """A 1x1 to `hidden`, three max poolings in a row, all four maps concatenated and mixed by a 1x1."""

    def __init__(self, in_channels: int, *, channels: int, hidden: int | None = None, kernel_size: int = 5) -> None:
        super().__init__()
        hidden = hidden or channels // 2
        self.cv1 = Conv(in_channels, channels=hidden)
        self.pool = nn.MaxPool2d(kernel_size, stride=1, padding=kernel_size // 2)
        self.cv5 = Conv(4 * hidden, channels=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        maps = [self.cv1(x)]
        for _ in range(3):
            maps.append(self.pool(maps[-1]))
        return self.cv5(torch.cat(maps, dim=1))
