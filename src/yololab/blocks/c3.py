"""C3: YOLOv5's cross-stage stage with three 1x1 convolutions around a chain of bottlenecks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.bottleneck import Bottleneck
from yololab.blocks.conv import Conv


class C3(Block):
    """One branch through `repeats` inner blocks, one past them; both mixed by a 1x1."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        repeats: int = 1,
        shortcut: bool = True,
        expansion: float = 0.5,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.groups = groups
        hidden = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=hidden)
        self.cv2 = Conv(in_channels, channels=hidden)
        self.cv3 = Conv(2 * hidden, channels=channels)
        self.m = nn.Sequential(*(self.inner_block(hidden, shortcut) for _ in range(repeats)))

    def inner_block(self, width: int, shortcut: bool) -> nn.Module:
        """One link of the chain, `width` channels in and out."""
        return Bottleneck(
            width, channels=width, shortcut=shortcut, kernel_sizes=(1, 3), expansion=1.0, groups=self.groups
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), dim=1))
