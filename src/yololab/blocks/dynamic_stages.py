"""Stages built from dynamic convolutions: C2f and C3 with dynamic bottlenecks or dynamic ghost modules inside."""

from __future__ import annotations

from torch import Tensor

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.blocks.cross_stage import BypassStage, SplitStage
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


class C2fDynamic(SplitStage):
    """SplitStage over dynamic bottlenecks."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        repeats: int = 1,
        shortcut: bool = False,
        expansion: float = 0.5,
        num_experts: int = 4,
        routing: str = "sigmoid",
    ) -> None:
        def inner(width: int) -> DynamicBottleneck:
            return DynamicBottleneck(width, channels=width, shortcut=shortcut, num_experts=num_experts, routing=routing)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)


class C2fGhostDynamic(SplitStage):
    """SplitStage over dynamic ghost modules; they have no residual, so `shortcut` changes nothing."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        repeats: int = 1,
        shortcut: bool = False,
        expansion: float = 0.5,
        num_experts: int = 4,
        routing: str = "sigmoid",
    ) -> None:
        def inner(width: int) -> GhostDynamic:
            return GhostDynamic(width, channels=width, num_experts=num_experts, routing=routing)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)


class C3Dynamic(BypassStage):
    """BypassStage over dynamic bottlenecks whose first convolution is 1x1."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        repeats: int = 1,
        shortcut: bool = True,
        expansion: float = 0.5,
        num_experts: int = 4,
        routing: str = "sigmoid",
    ) -> None:
        def inner(width: int) -> DynamicBottleneck:
            return DynamicBottleneck(
                width, channels=width, shortcut=shortcut, kernel_size=1, num_experts=num_experts, routing=routing
            )

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)


class C3GhostDynamic(BypassStage):
    """BypassStage over dynamic ghost modules; they have no residual, so `shortcut` changes nothing."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        repeats: int = 1,
        shortcut: bool = True,
        expansion: float = 0.5,
        num_experts: int = 4,
        routing: str = "sigmoid",
    ) -> None:
        def inner(width: int) -> GhostDynamic:
            return GhostDynamic(width, channels=width, num_experts=num_experts, routing=routing)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
