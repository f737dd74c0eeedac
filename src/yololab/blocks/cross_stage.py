"""The two cross-stage layouts that YOLO's stages share; a stage says what stands in its chain.

CSPNet, arXiv:1911.11929: a part of the feature goes through a chain of inner blocks, a part past it. `inner(width)`
makes one link of the chain, `width` channels in and out. Parameter names are those of the reference checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv

Inner = Callable[[int], nn.Module]


class SplitStage(Block):
    """Split into two halves, chain `repeats` inner blocks on the second, concatenate all outputs, mix by a 1x1."""

    def __init__(self, in_channels: int, *, channels: int, repeats: int, expansion: float, inner: Inner) -> None:
        super().__init__()
        self.c = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=2 * self.c)
        self.cv2 = Conv((2 + repeats) * self.c, channels=channels)
        self.m = nn.ModuleList(inner(self.c) for _ in range(repeats))

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        parts = list(self.cv1(x).chunk(2, dim=1))  # 2 x (B, c, H, W)
        for block in self.m:
            parts.append(block(parts[-1]))
        return self.cv2(torch.cat(parts, dim=1))


class BypassStage(Block):
    """One branch through `repeats` inner blocks, one past them; both mixed by a 1x1."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int, expansion: float, inner: Inner,
        activation: str = "silu",
    ) -> None:  # fmt: skip
        super().__init__()
        hidden = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=hidden, activation=activation)
        self.cv2 = Conv(in_channels, channels=hidden, activation=activation)
        self.cv3 = Conv(2 * hidden, channels=channels, activation=activation)
        self.m = nn.Sequential(*(inner(hidden) for _ in range(repeats)))

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), dim=1))
