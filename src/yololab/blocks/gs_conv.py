"""GSConv and VoVGSCSP, the parts of SlimNeck: half dense, half depth-wise convolution, shuffled (arXiv:2206.02424)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv


class GSConv(Block):
    """channels / 2 maps by a dense convolution, as many by a depth-wise 5x5 of these; even channels, then odd ones."""

    def __init__(
        self, in_channels: int, *, channels: int, kernel_size: int = 1, stride: int = 1, activation: str = "silu"
    ) -> None:
        super().__init__()
        half = channels // 2
        self.cv1 = Conv(in_channels, channels=half, kernel_size=kernel_size, stride=stride, activation=activation)
        self.cv2 = Conv(half, channels=half, kernel_size=5, groups=half, activation=activation)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        dense = self.cv1(x)
        both = torch.cat((dense, self.cv2(dense)), dim=1)
        return torch.cat((both[:, 0::2], both[:, 1::2]), dim=1)


class GSBottleneck(nn.Module):
    """Two GSConvs, the second 3x3 and without activation, beside a 1x1 without activation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = max(2, channels // 2)
        self.conv_lighting = nn.Sequential(
            GSConv(channels, channels=hidden),
            GSConv(hidden, channels=channels, kernel_size=3, activation="identity"),
        )
        self.shortcut = Conv(channels, channels=channels, activation="identity")

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return self.conv_lighting(x) + self.shortcut(x)


class VoVGSCSP(Block):
    """One half of the width through `repeats` GSBottlenecks, the other past them, joined by a 1x1.

    Each GSBottleneck has its path beside it, whatever `shortcut` says of the stage that it stands for.
    """

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = True, expansion: float = 0.5
    ) -> None:
        super().__init__()
        hidden = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=hidden)
        self.cv2 = Conv(in_channels, channels=hidden)
        self.gsb = nn.Sequential(*(GSBottleneck(hidden) for _ in range(repeats)))
        self.cv3 = Conv(2 * hidden, channels=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        return self.cv3(torch.cat((self.gsb(self.cv1(x)), self.cv2(x)), dim=1))
