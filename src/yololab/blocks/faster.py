"""C2fFaster: C2f over FasterNet's blocks, whose 3x3 convolution sees a quarter of the channels (arXiv:2303.03667)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.conv import Conv
from yololab.blocks.cross_stage import SplitStage


class PartialConv(nn.Module):
    """A 3x3 convolution of the first 1 / `divisor` of the channels; the others pass (PConv, sec. 3.2)."""

    def __init__(self, channels: int, divisor: int = 4) -> None:
        super().__init__()
        self.seen = max(1, channels // divisor)
        self.conv = nn.Conv2d(self.seen, self.seen, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        seen, rest = x.split((self.seen, x.shape[1] - self.seen), dim=1)
        return torch.cat((self.conv(seen), rest), dim=1)


class FasterBlock(nn.Module):
    """x + conv1x1(relu(bn(conv1x1(pconv(x))))), `ratio` times as wide inside (sec. 3.3)."""

    def __init__(self, channels: int, divisor: int = 4, ratio: float = 2.0) -> None:
        super().__init__()
        hidden = int(channels * ratio)
        self.partial = PartialConv(channels, divisor)
        self.widen = Conv(channels, channels=hidden, activation="relu")
        self.narrow = nn.Conv2d(hidden, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return x + self.narrow(self.widen(self.partial(x)))


class C2fFaster(SplitStage):
    """SplitStage over Faster blocks; each has its residual, so `shortcut` changes nothing."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = False, expansion: float = 0.5,
        divisor: int = 4, ratio: float = 2.0,
    ) -> None:  # fmt: skip
        def inner(width: int) -> FasterBlock:
            return FasterBlock(width, divisor, ratio)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
