"""Sampling without a network: nearest upsampling, max pooling, padding; and YOLOv6's transposed convolution."""

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


class MaxPool(Block):
    """The largest of `kernel_size` x `kernel_size` pixels, every `stride`."""

    def __init__(self, in_channels: int, *, kernel_size: int = 2, stride: int | None = None, padding: int = 0) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(kernel_size, stride, padding)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """Same channels; `stride` is the kernel's size unless given."""
        source = single(inputs)
        return FeatureSpec(source.channels, source.stride * (args.get("stride") or args.get("kernel_size", 2)))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H / stride, W / stride)."""
        return self.pool(x)


class ZeroPad(Block):
    """Rows and columns of zeros: `padding` is left, right, top, bottom (YOLOv3-tiny, before a pooling at stride 1)."""

    def __init__(self, in_channels: int, *, padding: Sequence[int]) -> None:
        super().__init__()
        left, right, top, bottom = padding
        self.pad = nn.ZeroPad2d((left, right, top, bottom))

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The spec of the input."""
        return single(inputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, top + H + bottom, left + W + right)."""
        return self.pad(x)


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
