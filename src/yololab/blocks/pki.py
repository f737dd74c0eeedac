"""C2fPKI: C2f over poly-kernel inception blocks (PKINet, arXiv:2403.06258, sec. 3.2 and 3.3)."""

from __future__ import annotations

from torch import Tensor, nn

from yololab.blocks.context_anchor import ContextAnchor
from yololab.blocks.conv import Conv
from yololab.blocks.cross_stage import SplitStage

KERNELS = (5, 7, 9, 11)


class PolyKernel(nn.Module):
    """P = conv1x1(L + the sum of dw kxk(L) for k = 5, 7, 9, 11), L = dw3x3(x): eq. 2 to 4."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.local = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.around = nn.ModuleList(nn.Conv2d(channels, channels, k, padding=k // 2, groups=channels) for k in KERNELS)
        self.mix = Conv(channels, channels=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        local = self.local(x)
        total = local
        for conv in self.around:
            total = total + conv(local)
        return self.mix(total)


class PKIBlock(nn.Module):
    """x + conv1x1(A * P + P): P of poly kernels, A the gate of context anchors, both of conv1x1(x) (eq. 2 to 8)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.before = Conv(channels, channels=channels)
        self.poly = PolyKernel(channels)
        self.context = ContextAnchor(channels, plain=True)
        self.after = Conv(channels, channels=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        narrow = self.before(x)
        mixed = self.poly(narrow)
        return x + self.after(self.context.gate(narrow) * mixed + mixed)


class C2fPKI(SplitStage):
    """SplitStage over poly-kernel inception blocks; each has its residual, so `shortcut` changes nothing."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = False, expansion: float = 0.5
    ) -> None:
        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=PKIBlock)
