"""RepNCSP: a cross-stage stage whose bottlenecks begin with a RepConv (YOLOv9, arXiv:2402.13616)."""

from __future__ import annotations

from torch import Tensor

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.blocks.cross_stage import BypassStage
from yololab.blocks.rep_conv import RepConv


class RepBottleneck(Block):
    """RepConv to `expansion` times the output width, then a Conv in `groups`; a residual where the widths agree."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        shortcut: bool = True,
        kernel_size: int = 3,
        expansion: float = 0.5,
        groups: int = 1,
    ) -> None:
        super().__init__()
        hidden = int(channels * expansion)
        self.cv1 = RepConv(in_channels, channels=hidden)
        self.cv2 = Conv(hidden, channels=channels, kernel_size=kernel_size, groups=groups)
        self.add = shortcut and in_channels == channels

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        y = self.cv2(self.cv1(x))
        return x + y if self.add else y


class RepNCSP(BypassStage):
    """BypassStage over RepBottlenecks."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        repeats: int = 1,
        shortcut: bool = True,
        expansion: float = 0.5,
        groups: int = 1,
    ) -> None:
        def inner(width: int) -> RepBottleneck:
            return RepBottleneck(width, channels=width, shortcut=shortcut, expansion=1.0, groups=groups)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
