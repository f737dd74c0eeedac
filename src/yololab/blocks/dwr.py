"""C2fDWR: C2f over dilation-wise residuals, one 3x3 seen at three dilations (DWRSeg, arXiv:2212.01173, sec. 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.conv import Conv
from yololab.blocks.cross_stage import SplitStage

DILATIONS = (1, 3, 5)


class DilationResidual(nn.Module):
    """x + a 1x1 of three dilated 3x3 over half as many channels; the undilated one yields as many as the others."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = max(1, channels // 2)
        self.region = Conv(channels, channels=half, kernel_size=3)
        widths = (channels, half, half)
        self.semantic = nn.ModuleList(
            Conv(half, channels=width, kernel_size=3, dilation=rate)
            for width, rate in zip(widths, DILATIONS, strict=True)
        )
        self.mix = Conv(sum(widths), channels=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        region = self.region(x)
        return x + self.mix(torch.cat([branch(region) for branch in self.semantic], dim=1))


class C2fDWR(SplitStage):
    """SplitStage over dilation-wise residuals; each has its residual, so `shortcut` changes nothing."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = False, expansion: float = 0.5
    ) -> None:
        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=DilationResidual)
