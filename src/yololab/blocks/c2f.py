"""C2f: YOLOv8's stage, a cross-stage split whose every bottleneck output joins the result."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.bottleneck import Bottleneck
from yololab.blocks.conv import Conv


class C2f(Block):
    """Split into two halves, chain `repeats` inner blocks on the second, concatenate all, mix by a 1x1."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        repeats: int = 1,
        shortcut: bool = False,
        expansion: float = 0.5,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.groups = groups
        self.c = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=2 * self.c)
        self.cv2 = Conv((2 + repeats) * self.c, channels=channels)
        self.m = nn.ModuleList(self.inner_block(self.c, shortcut) for _ in range(repeats))

    def inner_block(self, width: int, shortcut: bool) -> nn.Module:
        """One link of the chain, `width` channels in and out."""
        return Bottleneck(width, channels=width, shortcut=shortcut, expansion=1.0, groups=self.groups)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        parts = list(self.cv1(x).chunk(2, dim=1))  # 2 x (B, c, H, W)
        for block in self.m:
            parts.append(block(parts[-1]))
        return self.cv2(torch.cat(parts, dim=1))
