"""ECA: channel attention by a 1-D convolution over the pooled channels (arXiv:1910.03151, eq. 5 and 12).

`ECA` is the tutorials' version with a fixed kernel of 3. `AdaptiveECA` is the paper's: the odd kernel nearest to
(log2(C) + b) / gamma, with gamma = 2 and b = 1.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.blocks.pooling import AveragePool


class ChannelConvolution(Attention):
    """x * sigmoid(conv1d over channels of the spatial mean), for those that say how wide the kernel is."""

    def __init__(self, kernel_size: int) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, got {kernel_size}")
        self.pool = AveragePool()
        self.conv = nn.Conv1d(1, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        pooled = self.pool(x).flatten(1).unsqueeze(1)  # (B, 1, C)
        gate = self.conv(pooled).sigmoid().flatten(1)[:, :, None, None]  # (B, C, 1, 1)
        return x * gate


class ECA(ChannelConvolution):
    """The tutorials' ECA: a kernel of one size for any number of channels."""

    def __init__(self, in_channels: int, *, kernel_size: int = 3) -> None:
        super().__init__(kernel_size)


class AdaptiveECA(ChannelConvolution):
    """The paper's ECA: the kernel grows with the logarithm of the channels."""

    def __init__(self, in_channels: int, *, gamma: float = 2.0, offset: float = 1.0) -> None:
        super().__init__(adaptive_kernel_size(in_channels, gamma, offset))


def adaptive_kernel_size(channels: int, gamma: float = 2.0, offset: float = 1.0) -> int:
    """Odd kernel size for `channels`, eq. 12: floor of (log2(C) + b) / gamma, plus one where that is even."""
    size = int(abs(math.log2(channels) + offset) / gamma)
    return size if size % 2 else size + 1
