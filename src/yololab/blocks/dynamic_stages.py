"""Stages built from dynamic convolutions: C2f and C3 with dynamic bottlenecks or dynamic ghost modules inside."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.c2f import C2f
from yololab.blocks.c3 import C3
from yololab.blocks.conv import Conv
from yololab.blocks.dynamic_conv import DynamicConv
from yololab.blocks.ghost import GhostDynamic


class DynamicBottleneck(Block):
    """A Conv and a dynamic 3x3 convolution of equal width, with a residual where the widths agree."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        shortcut: bool = True,
        kernel_size: int = 3,
        num_experts: int = 4,
        routing: str = "sigmoid",
    ) -> None:
        super().__init__()
        self.cv1 = Conv(in_channels, channels=channels, kernel_size=kernel_size)
        self.cv2 = DynamicConv(channels, channels=channels, kernel_size=3, num_experts=num_experts, routing=routing)
        self.add = shortcut and in_channels == channels

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        y = self.cv2(self.cv1(x))
        return x + y if self.add else y


class C2fDynamic(C2f):
    """C2f with dynamic bottlenecks."""

    def __init__(self, in_channels: int, *, num_experts: int = 4, routing: str = "sigmoid", **args: Any) -> None:
        self.dynamic = {"num_experts": num_experts, "routing": routing}
        super().__init__(in_channels, **args)

    def inner_block(self, width: int, shortcut: bool) -> nn.Module:
        """A DynamicBottleneck with a 3x3 first convolution."""
        return DynamicBottleneck(width, channels=width, shortcut=shortcut, **self.dynamic)


class C2fGhostDynamic(C2fDynamic):
    """C2f with dynamic ghost modules; they have no residual, so `shortcut` changes nothing."""

    def inner_block(self, width: int, shortcut: bool) -> nn.Module:
        """A GhostDynamic of `width` channels."""
        return GhostDynamic(width, channels=width, **self.dynamic)


class C3Dynamic(C3):
    """C3 with dynamic bottlenecks."""

    def __init__(self, in_channels: int, *, num_experts: int = 4, routing: str = "sigmoid", **args: Any) -> None:
        self.dynamic = {"num_experts": num_experts, "routing": routing}
        super().__init__(in_channels, **args)

    def inner_block(self, width: int, shortcut: bool) -> nn.Module:
        """A DynamicBottleneck with a 1x1 first convolution."""
        return DynamicBottleneck(width, channels=width, shortcut=shortcut, kernel_size=1, **self.dynamic)


class C3GhostDynamic(C3Dynamic):
    """C3 with dynamic ghost modules; they have no residual, so `shortcut` changes nothing."""

    def inner_block(self, width: int, shortcut: bool) -> nn.Module:
        """A GhostDynamic of `width` channels."""
        return GhostDynamic(width, channels=width, **self.dynamic)
