"""SeparableConv: a depth-wise convolution and a 1x1, each with batch norm and activation (arXiv:1704.04861)."""

from __future__ import annotations

from torch import Tensor

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv


class SeparableConv(Block):
    """`kernel_size` x `kernel_size` within channels, then 1x1 across them: YOLOX-nano's convolution."""

    def __init__(self, in_channels: int, *, channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.dconv = Conv(in_channels, channels=in_channels, kernel_size=kernel_size, stride=stride, groups=in_channels)
        self.pconv = Conv(in_channels, channels=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        return self.pconv(self.dconv(x))
