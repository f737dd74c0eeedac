"""CBAM: channel attention, then spatial attention (arXiv:1807.06521).

`CBAM` is the version that YOLO tutorials paste: the channel gate is sigmoid(conv1x1(mean)), without the paper's shared
MLP and max pooling. `PaperCBAM` is the paper's: sigmoid(MLP(mean) + MLP(max)), eq. 2. Both share the spatial gate,
sigmoid(conv7x7([mean, max])), eq. 3.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.blocks.pooling import AveragePool


class ChannelGate(Attention):
    """x * sigmoid(conv1x1(mean over space))."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.pool = AveragePool()
        self.fc = nn.Conv2d(in_channels, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return x * self.fc(self.pool(x)).sigmoid()


class MLPChannelGate(nn.Module):
    """x * sigmoid(MLP(mean) + MLP(max)), pooled over space; the shared MLP has in_channels / reduction hidden units."""

    def __init__(self, in_channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(1, in_channels // reduction)
        self.pool = AveragePool()
        self.mlp = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, in_channels, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return x * (self.mlp(self.pool(x)) + self.mlp(x.amax(dim=(2, 3), keepdim=True))).sigmoid()


class SpatialGate(Attention):
    """x * sigmoid(conv([mean, max] over channels))."""

    def __init__(self, in_channels: int, *, kernel_size: int = 7) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, got {kernel_size}")
        self.cv1 = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        pooled = torch.cat((x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)), dim=1)  # (B, 2, H, W)
        return x * self.cv1(pooled).sigmoid()


class CBAM(Attention):
    """The tutorials' CBAM."""

    def __init__(self, in_channels: int, *, kernel_size: int = 7) -> None:
        super().__init__()
        self.channel_attention = ChannelGate(in_channels)
        self.spatial_attention = SpatialGate(in_channels, kernel_size=kernel_size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return self.spatial_attention(self.channel_attention(x))


class PaperCBAM(Attention):
    """The paper's CBAM."""

    def __init__(self, in_channels: int, *, reduction: int = 16, kernel_size: int = 7) -> None:
        super().__init__()
        self.channel_attention = MLPChannelGate(in_channels, reduction)
        self.spatial_attention = SpatialGate(in_channels, kernel_size=kernel_size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return self.spatial_attention(self.channel_attention(x))
