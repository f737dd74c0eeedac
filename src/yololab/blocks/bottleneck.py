"""Bottleneck: two convolutions and, where the widths agree, a residual."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv, Size


class Bottleneck(Block):
    """Two Convs with `kernel_sizes`, the second in `groups`; the hidden width is `expansion` times the output width."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        shortcut: bool = True,
        kernel_sizes: Sequence[Size] = (3, 3),
        expansion: float = 0.5,
        groups: int = 1,
        activation: str = "silu",
    ) -> None:
        super().__init__()
        hidden = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=hidden, kernel_size=kernel_sizes[0], activation=activation)
        self.cv2 = Conv(hidden, channels=channels, kernel_size=kernel_sizes[1], groups=groups, activation=activation)
        self.add = shortcut and in_channels == channels

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        y = self.cv2(self.cv1(x))
        return x + y if self.add else y
