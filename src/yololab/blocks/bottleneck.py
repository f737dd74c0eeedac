"""Bottleneck: two convolutions and, where the widths agree, a residual."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv, Size
from yololab.blocks.separable_conv import SeparableConv


class Bottleneck(Block):
    """Two Convs with `kernel_sizes`, the second in `groups`; the hidden width is `expansion` times the output width.

    With `separable` the second is a SeparableConv of 3x3.
    """

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
        separable: bool = False,
    ) -> None:
        super().__init__()
        hidden = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=hidden, kernel_size=kernel_sizes[0], activation=activation)
        if separable:
            self.cv2: Block = SeparableConv(hidden, channels=channels)
        else:
            kept = {"groups": groups, "activation": activation}
            self.cv2 = Conv(hidden, channels=channels, kernel_size=kernel_sizes[1], **kept)
        self.add = shortcut and in_channels == channels

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        y = self.cv2(self.cv1(x))
        return x + y if self.add else y
