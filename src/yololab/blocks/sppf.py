"""SPPF: spatial pyramid pooling as a chain of equal max poolings (YOLOv5); with ReLU it is YOLOv6's SimSPPF.

CSPSPPF passes a part of the feature by it. SPP is the older form, whose poolings stand side by side (arXiv:1406.4729).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv


class SPPF(Block):
    """Halve the channels, pool `pools` times in a row, concatenate all maps, mix by a 1x1.

    YOLO26 has no activation before the poolings (`first_activation="identity"`) and adds the input (`shortcut`).
    """

    def __init__(
        self, in_channels: int, *, channels: int, kernel_size: int = 5, activation: str = "silu", pools: int = 3,
        shortcut: bool = False, first_activation: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        hidden = in_channels // 2
        self.pools = pools
        self.cv1 = Conv(in_channels, channels=hidden, activation=first_activation or activation)
        self.cv2 = Conv((pools + 1) * hidden, channels=channels, activation=activation)
        self.m = nn.MaxPool2d(kernel_size, stride=1, padding=kernel_size // 2)
        self.add = shortcut and in_channels == channels

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        maps = [self.cv1(x)]
        for _ in range(self.pools):
            maps.append(self.m(maps[-1]))
        y = self.cv2(torch.cat(maps, dim=1))
        return x + y if self.add else y


class SPP(Block):
    """Halve the channels, pool by every kernel of `kernel_sizes`, concatenate all maps, mix by a 1x1."""

    def __init__(self, in_channels: int, *, channels: int, kernel_sizes: Sequence[int] = (5, 9, 13)) -> None:
        super().__init__()
        hidden = in_channels // 2
        self.cv1 = Conv(in_channels, channels=hidden)
        self.cv2 = Conv((len(kernel_sizes) + 1) * hidden, channels=channels)
        self.m = nn.ModuleList(nn.MaxPool2d(size, stride=1, padding=size // 2) for size in kernel_sizes)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        x = self.cv1(x)
        return self.cv2(torch.cat([x, *(pool(x) for pool in self.m)], dim=1))


class CSPSPPF(Block):
    """SPPF's chain between convolutions, and a 1x1 past all of it: YOLOv6 3.0's SimCSPSPPF (arXiv:2301.05586)."""

    def __init__(
        self, in_channels: int, *, channels: int, kernel_size: int = 5, expansion: float = 0.5, activation: str = "relu"
    ) -> None:
        super().__init__()
        hidden = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=hidden, activation=activation)
        self.cv2 = Conv(in_channels, channels=hidden, activation=activation)
        self.cv3 = Conv(hidden, channels=hidden, kernel_size=3, activation=activation)
        self.cv4 = Conv(hidden, channels=hidden, activation=activation)
        self.m = nn.MaxPool2d(kernel_size, stride=1, padding=kernel_size // 2)
        self.cv5 = Conv(4 * hidden, channels=hidden, activation=activation)
        self.cv6 = Conv(hidden, channels=hidden, kernel_size=3, activation=activation)
        self.cv7 = Conv(2 * hidden, channels=channels, activation=activation)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        maps = [self.cv4(self.cv3(self.cv1(x)))]
        for _ in range(3):
            maps.append(self.m(maps[-1]))
        pooled = self.cv6(self.cv5(torch.cat(maps, dim=1)))
        return self.cv7(torch.cat((self.cv2(x), pooled), dim=1))
