"""C2fStar: C2f over StarNet's blocks, where two 1x1 convolutions multiply each other (arXiv:2403.19967)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.conv import Conv
from yololab.blocks.cross_stage import SplitStage


class StarBlock(nn.Module):
    """x + dw7(bn(g(relu6(f1(y)) * f2(y)))) with y = bn(dw7(x)); f1, f2 are `ratio` times as wide, all with bias."""

    def __init__(self, channels: int, ratio: int = 3) -> None:
        super().__init__()
        same = {"channels": channels, "bias": True, "activation": "identity"}
        self.dwconv = Conv(channels, kernel_size=7, groups=channels, **same)
        self.f1 = nn.Conv2d(channels, ratio * channels, 1)
        self.f2 = nn.Conv2d(channels, ratio * channels, 1)
        self.g = Conv(ratio * channels, **same)
        self.dwconv2 = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        y = self.dwconv(x)
        return x + self.dwconv2(self.g(F.relu6(self.f1(y)) * self.f2(y)))


class C2fStar(SplitStage):
    """SplitStage over star blocks; each has its residual, so `shortcut` changes nothing."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = False, expansion: float = 0.5,
        ratio: int = 3,
    ) -> None:  # fmt: skip
        def inner(width: int) -> StarBlock:
            return StarBlock(width, ratio)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
