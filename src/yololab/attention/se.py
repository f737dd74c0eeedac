"""SE: squeeze-and-excitation, channels gated by an MLP of their means (arXiv:1709.01507, eq. 2-4)."""

from __future__ import annotations

from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.blocks.pooling import AveragePool


class SE(Attention):
    """x * sigmoid(W2 relu(W1 mean(x))); hidden width in_channels / reduction, at least `min_hidden`."""

    def __init__(self, in_channels: int, *, reduction: int = 16, min_hidden: int = 8) -> None:
        super().__init__()
        hidden = max(min_hidden, in_channels // reduction)
        self.pool = AveragePool()
        self.fc1 = nn.Conv2d(in_channels, hidden, 1)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(hidden, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return x * self.fc2(self.relu(self.fc1(self.pool(x)))).sigmoid()
