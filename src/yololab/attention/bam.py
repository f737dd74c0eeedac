"""BAM: channels by an MLP and places by dilated convolutions, added before one gate (arXiv:1807.06514, eq. 1-5)."""

from __future__ import annotations

from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.blocks.conv import batch_norm


class BAM(Attention):
    """x (1 + sigmoid(bn(MLP(mean)) + bn(conv1x1(conv3x3(conv3x3(conv1x1(x)))))))."""

    def __init__(self, in_channels: int, *, reduction: int = 16, dilation: int = 4) -> None:
        super().__init__()
        hidden = max(1, in_channels // reduction)
        self.channel = nn.Sequential(nn.Linear(in_channels, hidden), nn.ReLU(), nn.Linear(hidden, in_channels))
        self.channel_bn = batch_norm(in_channels)
        self.spatial = nn.Sequential(
            nn.Conv2d(in_channels, hidden, 1),
            nn.Conv2d(hidden, hidden, 3, padding=dilation, dilation=dilation),
            nn.Conv2d(hidden, hidden, 3, padding=dilation, dilation=dilation),
            nn.Conv2d(hidden, 1, 1),
            batch_norm(1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        channels = self.channel_bn(self.channel(x.mean(dim=(2, 3)))[:, :, None, None])
        return x * (1 + (channels + self.spatial(x)).sigmoid())
