"""SPPF: spatial pyramid pooling as a chain of equal max poolings (YOLOv5); with ReLU it is YOLOv6's SimSPPF."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv


class SPPF(Block):
    """Halve the channels, pool three times in a row, concatenate the four maps, mix by a 1x1."""

    def __init__(self, in_channels: int, *, channels: int, kernel_size: int = 5, activation: str = "silu") -> None:
        super().__init__()
        hidden = in_channels // 2
        self.cv1 = Conv(in_channels, channels=hidden, activation=activation)
        self.cv2 = Conv(4 * hidden, channels=channels, activation=activation)
        self.m = nn.MaxPool2d(kernel_size, stride=1, padding=kernel_size // 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        maps = [self.cv1(x)]
        for _ in range(3):
            maps.append(self.m(maps[-1]))
        return self.cv2(torch.cat(maps, dim=1))
