"""GhostConv and C3Ghost: half of the maps by a convolution, half by a cheap depth-wise one (arXiv:1911.11907)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.blocks.cross_stage import BypassStage


class GhostConv(Block):
    """channels / 2 maps by `kernel_size`, a depth-wise 5x5 of each, joined."""

    def __init__(
        self, in_channels: int, *, channels: int, kernel_size: int = 1, stride: int = 1, groups: int = 1,
        activation: str = "silu",
    ) -> None:  # fmt: skip
        super().__init__()
        half = channels // 2
        self.cv1 = Conv(
            in_channels, channels=half, kernel_size=kernel_size, stride=stride, groups=groups, activation=activation
        )
        self.cv2 = Conv(half, channels=half, kernel_size=5, groups=half, activation=activation)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        primary = self.cv1(x)
        return torch.cat((primary, self.cv2(primary)), dim=1)


class GhostBottleneck(Block):
    """Two GhostConvs, at stride 2 a depth-wise convolution between them; the input, brought to size, is added."""

    def __init__(self, in_channels: int, *, channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        if stride == 1 and in_channels != channels:
            raise ValueError(f"channels={channels}: at stride 1 the block keeps its {in_channels} channels")
        hidden, is_strided = channels // 2, stride == 2

        def depthwise(width: int) -> Conv:
            return Conv(
                width, channels=width, kernel_size=kernel_size, stride=stride, groups=width, activation="identity"
            )

        self.conv = nn.Sequential(
            GhostConv(in_channels, channels=hidden),
            depthwise(hidden) if is_strided else nn.Identity(),
            GhostConv(hidden, channels=channels, activation="identity"),
        )
        self.shortcut = nn.Identity()
        if is_strided:
            self.shortcut = nn.Sequential(
                depthwise(in_channels), Conv(in_channels, channels=channels, activation="identity")
            )

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        return self.conv(x) + self.shortcut(x)


class C3Ghost(BypassStage):
    """C3 over GhostBottlenecks."""

    def __init__(self, in_channels: int, *, channels: int, repeats: int = 1, expansion: float = 0.5) -> None:
        def inner(width: int) -> GhostBottleneck:
            return GhostBottleneck(width, channels=width)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
