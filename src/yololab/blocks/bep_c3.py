"""BepC3: a cross-stage stage of RepVGG pairs with learnt residuals, YOLOv6's m and l (arXiv:2301.05586, sec. 2.1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.blocks.cross_stage import BypassStage
from yololab.blocks.rep_vgg import RepVGG


class RepPair(Block):
    """Two RepVGG blocks (or 3x3 Convs with SiLU, `plain`) and a residual times a learnt number."""

    def __init__(self, in_channels: int, *, channels: int, plain: bool = False) -> None:
        super().__init__()
        self.conv1 = _basic(in_channels, channels, plain)
        self.conv2 = _basic(channels, channels, plain)
        self.alpha = nn.Parameter(torch.ones(1)) if in_channels == channels else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        y = self.conv2(self.conv1(x))
        return y if self.alpha is None else y + self.alpha * x


class BepC3(BypassStage):
    """BypassStage over half as many RepPairs as `repeats`, at least one; `plain` exchanges ReLU for SiLU throughout."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, expansion: float = 0.5, plain: bool = False
    ) -> None:
        super().__init__(
            in_channels,
            channels=channels,
            repeats=max(repeats // 2, 1),
            expansion=expansion,
            inner=lambda width: RepPair(width, channels=width, plain=plain),
            activation="silu" if plain else "relu",
        )


def _basic(in_channels: int, channels: int, plain: bool) -> nn.Module:
    if plain:
        return Conv(in_channels, channels=channels, kernel_size=3)
    return RepVGG(in_channels, channels=channels)
