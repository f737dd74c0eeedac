"""Upsample (nearest) and TransposedUpsample (a learnt transposed convolution, 2x2 unless told, YOLOv6's)."""

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
    """Learnt upsampling by `stride`: a transposed convolution with bias, no norm, no activation."""

    def __init__(self, in_channels: int, *, channels: int | None = None, kernel_size: int = 2, stride: int = 2) -> None:
        super().__init__()
        self.upsample_transpose = nn.ConvTranspose2d(in_channels, channels or in_channels, kernel_size, stride)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` (those of the input unless given) at the input's stride over `stride`."""
        source = single(inputs)
        factor, kernel_size = args.get("stride", 2), args.get("kernel_size", 2)
        if source.stride % factor:
            raise ValueError(f"expected an input stride divisible by {factor}, got {source.stride}")
        if kernel_size != factor:
            raise ValueError(f"expected kernel_size={kernel_size} equal to stride={factor}: other maps fit no grid")
        return FeatureSpec(args.get("channels") or source.channels, source.stride // factor)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, channels, stride*H, stride*W) where kernel and stride are equal."""
        return self.upsample_transpose(x)
