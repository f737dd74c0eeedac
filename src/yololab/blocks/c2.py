"""C1, C2 and RepC3: a chain of blocks beside its input, on one half of a split, on one of two added branches."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.bottleneck import Bottleneck
from yololab.blocks.conv import Conv
from yololab.blocks.rep_conv import RepConv


class C1(Block):
    """A 1x1, and its output added to that of `repeats` 3x3 convolutions of it."""

    def __init__(self, in_channels: int, *, channels: int, repeats: int = 1) -> None:
        super().__init__()
        self.cv1 = Conv(in_channels, channels=channels)
        self.m = nn.Sequential(*(Conv(channels, channels=channels, kernel_size=3) for _ in range(repeats)))

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        y = self.cv1(x)
        return self.m(y) + y


class C2(Block):
    """YOLOv8-p6's neck stage: the first half of a split goes through `repeats` bottlenecks."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = True, groups: int = 1,
        expansion: float = 0.5,
    ) -> None:  # fmt: skip
        super().__init__()
        self.c = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=2 * self.c)
        self.cv2 = Conv(2 * self.c, channels=channels)
        chain = (
            Bottleneck(self.c, channels=self.c, shortcut=shortcut, expansion=1.0, groups=groups) for _ in range(repeats)
        )
        self.m = nn.Sequential(*chain)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        mixed, kept = self.cv1(x).chunk(2, dim=1)
        return self.cv2(torch.cat((self.m(mixed), kept), dim=1))


class RepC3(Block):
    """RT-DETR's: RepConvs behind one 1x1, another beside them, added; a further 1x1 where the widths differ."""

    def __init__(self, in_channels: int, *, channels: int, repeats: int = 3, expansion: float = 1.0) -> None:
        super().__init__()
        hidden = int(channels * expansion)
        self.cv1 = Conv(in_channels, channels=hidden)
        self.cv2 = Conv(in_channels, channels=hidden)
        self.m = nn.Sequential(*(RepConv(hidden, channels=hidden) for _ in range(repeats)))
        self.cv3 = Conv(hidden, channels=channels) if hidden != channels else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        return self.cv3(self.m(self.cv1(x)) + self.cv2(x))
