"""MLCA: ECA over a coarse grid of cells, mixed with ECA over the whole (Engineering Applications of AI 123, 2023)."""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn import functional as F

from yololab.attention.base import Attention


class MLCA(Attention):
    """x times local and global gates, `local_weight` being the local one's share.

    The local convolution runs over the cells' channels one cell after the other, across their borders, as in the
    authors' code; gates are brought to the size of x by adaptive average pooling, as there.
    """

    def __init__(
        self, in_channels: int, *, local_size: int = 5, gamma: float = 2.0, offset: float = 1.0,
        local_weight: float = 0.5,
    ) -> None:  # fmt: skip
        super().__init__()
        self.local_size, self.local_weight = local_size, local_weight
        near = int(abs(math.log2(in_channels) + offset) / gamma)
        kernel_size = near if near % 2 else near + 1
        self.conv = nn.Conv1d(1, 1, kernel_size, padding=kernel_size // 2, bias=False)
        self.conv_local = nn.Conv1d(1, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        batch, channels, height, width = x.shape
        size = self.local_size
        cells = F.adaptive_avg_pool2d(x, size)  # (B, C, size, size)
        whole = self.conv(cells.mean(dim=(2, 3)).unsqueeze(1)).view(batch, channels, 1, 1)
        sequence = cells.flatten(2).transpose(1, 2).reshape(batch, 1, -1)  # cells one after the other
        local = self.conv_local(sequence).view(batch, size * size, channels).transpose(1, 2)
        local = local.reshape(batch, channels, size, size).sigmoid()
        mixed = whole.sigmoid() * (1 - self.local_weight) + local * self.local_weight
        return x * F.adaptive_avg_pool2d(mixed, (height, width))
