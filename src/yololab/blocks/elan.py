"""ELAN stages of GELAN: layers in a row, every one of which joins the result (YOLOv9, arXiv:2402.13616, sec. 4.2)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.blocks.rep_ncsp import RepNCSP


class LayerAggregation(Block):
    """Split `hidden` in two, two layers of width `inner` in a row, concatenate all four, mix by a 1x1.

    `layer(in_channels, channels)` makes one layer of the row.
    """

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        hidden: int | None,
        inner: int | None,
        layer: Callable[[int, int], nn.Module],
    ) -> None:
        super().__init__()
        hidden = hidden or channels // 2
        inner = inner or hidden // 2
        self.cv1 = Conv(in_channels, channels=hidden)
        self.cv2 = layer(hidden // 2, inner)
        self.cv3 = layer(inner, inner)
        self.cv4 = Conv(hidden + 2 * inner, channels=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        parts = list(self.cv1(x).chunk(2, dim=1))  # 2 x (B, hidden/2, H, W)
        parts.append(self.cv2(parts[-1]))
        parts.append(self.cv3(parts[-1]))
        return self.cv4(torch.cat(parts, dim=1))


class ELAN(LayerAggregation):
    """Layers are 3x3 Convs."""

    def __init__(self, in_channels: int, *, channels: int, hidden: int | None = None, inner: int | None = None) -> None:
        def layer(in_channels: int, channels: int) -> Conv:
            return Conv(in_channels, channels=channels, kernel_size=3)

        super().__init__(in_channels, channels=channels, hidden=hidden, inner=inner, layer=layer)


class RepNCSPELAN(LayerAggregation):
    """Layers are a RepNCSP of `repeats` bottlenecks and a 3x3 Conv."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        hidden: int | None = None,
        inner: int | None = None,
        repeats: int = 1,
        shortcut: bool = True,
    ) -> None:
        def layer(in_channels: int, channels: int) -> nn.Sequential:
            return nn.Sequential(
                RepNCSP(in_channels, channels=channels, repeats=repeats, shortcut=shortcut),
                Conv(channels, channels=channels, kernel_size=3),
            )

        super().__init__(in_channels, channels=channels, hidden=hidden, inner=inner, layer=layer)
