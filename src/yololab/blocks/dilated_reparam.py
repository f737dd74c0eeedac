"""C2fDilated: C2f over large depth-wise kernels into which dilated small ones are folded.

UniRepLKNet, arXiv:2311.15599. A kernel of size k at dilation r is a kernel of size r (k - 1) + 1 with zeros between its
numbers (sec. 3.1, eq. 2).
"""

from __future__ import annotations

from torch import Tensor, nn

from yololab.blocks.base import Block, Deployable
from yololab.blocks.conv import Conv, FusedConv, conv_from_kernel, folded_kernel, widened
from yololab.blocks.cross_stage import SplitStage

BRANCHES = {
    5: ((3, 1), (3, 2)),
    7: ((5, 1), (3, 2), (3, 3)),
    9: ((5, 1), (5, 2), (3, 3), (3, 4)),
    11: ((5, 1), (5, 2), (3, 3), (3, 4), (3, 5)),
    13: ((5, 1), (7, 2), (3, 3), (3, 4), (3, 5)),
}
"""Size and dilation of the small kernels beside each large one, of the paper's own code"""


class DilatedReparam(Block, Deployable):
    """bn(dw KxK) + the sum of bn(dilated dw kxk): one depth-wise KxK once deployed."""

    def __init__(self, channels: int, kernel_size: int = 7) -> None:
        super().__init__()
        if kernel_size not in BRANCHES:
            raise ValueError(f"block.kernel_size must be one of {', '.join(map(str, BRANCHES))}, got {kernel_size}")
        same = {"channels": channels, "groups": channels, "activation": "identity"}
        self.large = Conv(channels, kernel_size=kernel_size, **same)
        self.small = nn.ModuleList(
            Conv(channels, kernel_size=size, dilation=rate, **same) for size, rate in BRANCHES[kernel_size]
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        y = self.large(x)
        for branch in self.small:
            y = y + branch(x)
        return y

    def deployed(self) -> FusedConv:
        """All kernels as one of the largest size, added up."""
        kernel, bias = folded_kernel(self.large.conv, self.large.bn)
        for branch in self.small:
            assert isinstance(branch, Conv)
            small, small_bias = folded_kernel(branch.conv, branch.bn)
            spread = undilated(small, branch.conv.dilation[0])
            kernel, bias = kernel + widened(spread, kernel.shape[-1]), bias + small_bias
        return FusedConv(conv_from_kernel(self.large.conv, kernel, bias), nn.Identity())


def undilated(kernel: Tensor, rate: int) -> Tensor:
    """(O, I, k, k) at a dilation -> the equal kernel (O, I, r (k - 1) + 1, ...) without."""
    side = rate * (kernel.shape[-1] - 1) + 1
    spread = kernel.new_zeros(*kernel.shape[:2], side, side)
    spread[..., ::rate, ::rate] = kernel
    return spread


class DilatedBottleneck(nn.Module):
    """x + a 1x1 Conv of a DilatedReparam."""

    def __init__(self, channels: int, kernel_size: int, shortcut: bool) -> None:
        super().__init__()
        self.spatial = DilatedReparam(channels, kernel_size)
        self.mix = Conv(channels, channels=channels)
        self.add = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        y = self.mix(self.spatial(x))
        return x + y if self.add else y


class C2fDilated(SplitStage):
    """SplitStage over bottlenecks of a DilatedReparam and a 1x1."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = False, expansion: float = 0.5,
        kernel_size: int = 7,
    ) -> None:  # fmt: skip
        def inner(width: int) -> DilatedBottleneck:
            return DilatedBottleneck(width, kernel_size, shortcut)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
