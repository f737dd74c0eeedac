"""Upsample (nearest) and TransposedUpsample (a learnt 2x2 transposed convolution, YOLOv6's)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from yololab.blocks.base import Block, single
from yololab.graph.node import FeatureSpec


class Upsample(Block):
    """Nearest-neighbour upsampling by `factor`."""

    def __init__(self, in_channels: int, *, factor: int = 2) -> None:
        super().__init__()
        self.upsample = nn.Upsample(scale_factor=factor, mode="nearest")

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """Same channels, stride divided by the factor."""
        source = single(inputs)
        factor = args.get("factor", 2)
        if source.stride % factor:
            raise ValueError(f"expected an input stride divisible by {factor}, got {source.stride}")
        return FeatureSpec(source.channels, source.stride // factor)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, factor*H, factor*W)."""
        return self.upsample(x)


class TransposedUpsample(Block):
    """Learnt upsampling by 2: a 2x2 transposed convolution with stride 2 and bias, no norm, no activation."""

    def __init__(self, in_channels: int, *, channels: int | None = None) -> None:
        super().__init__()
        self.upsample_transpose = nn.ConvTranspose2d(in_channels, channels or in_channels, 2, stride=2)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` (those of the input unless given) at half the stride."""
        source = single(inputs)
        if source.stride % 2:
            raise ValueError(f"expected an even input stride, got {source.stride}")
        return FeatureSpec(args.get("channels") or source.channels, source.stride // 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, channels, 2*H, 2*W)."""
        return self.upsample_transpose(x)
