"""NAM: channels gated by batch norm, weighed by its own scales (arXiv:2111.12419, eq. 1-2)."""

from __future__ import annotations

from torch import Tensor

from yololab.attention.base import Attention
from yololab.blocks.conv import batch_norm


class NAM(Attention):
    """x * sigmoid(w bn(x)), w = |scale| / sum |scale|, a constant for the gradient as in the authors' code."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.bn2 = batch_norm(in_channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        scales = self.bn2.weight.detach().abs()
        return x * (self.bn2(x) * (scales / scales.sum()).view(1, -1, 1, 1)).sigmoid()
