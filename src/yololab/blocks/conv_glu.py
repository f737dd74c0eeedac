"""C2fGLU: C2f over partial convolutions and convolutional gated units (TransNeXt, arXiv:2311.17132, sec. 3.3)."""

from __future__ import annotations

from torch import Tensor, nn

from yololab.blocks.cross_stage import SplitStage
from yololab.blocks.faster import PartialConv


class ConvGLU(nn.Module):
    """conv1x1(gelu(dw3x3(a)) * b) with (a, b) = conv1x1(x), each two thirds of `ratio` times as wide as x.

    Two thirds, so that it costs what a plain pair of 1x1 convolutions of `ratio` does.
    """

    def __init__(self, channels: int, ratio: float = 2.0) -> None:
        super().__init__()
        hidden = max(1, int(2 * channels * ratio / 3))
        self.widen = nn.Conv2d(channels, 2 * hidden, 1)
        self.near = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.act = nn.GELU()
        self.narrow = nn.Conv2d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        gate, value = self.widen(x).chunk(2, dim=1)
        return self.narrow(self.act(self.near(gate)) * value)


class GatedBlock(nn.Module):
    """x + glu(bn(pconv(x))): FasterNet's block, its pair of 1x1 convolutions exchanged for a gated unit."""

    def __init__(self, channels: int, divisor: int = 4, ratio: float = 2.0) -> None:
        super().__init__()
        self.partial = PartialConv(channels, divisor)
        self.norm = nn.BatchNorm2d(channels)
        self.glu = ConvGLU(channels, ratio)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return x + self.glu(self.norm(self.partial(x)))


class C2fGLU(SplitStage):
    """SplitStage over gated blocks; each has its residual, so `shortcut` changes nothing."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = False, expansion: float = 0.5,
        divisor: int = 4, ratio: float = 2.0,
    ) -> None:  # fmt: skip
        def inner(width: int) -> GatedBlock:
            return GatedBlock(width, divisor, ratio)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
