"""LSK: each place chooses between a small and a large receptive field (LSKNet, arXiv:2303.09030, eq. 3-8)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.attention.base import Attention


class LSK(Attention):
    """x * conv1x1(s1 u1 + s2 u2), u the 5x5 and, behind it, the 7x7 dilated features, s the places' choice of both."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        half = in_channels // 2
        self.conv0 = nn.Conv2d(in_channels, in_channels, 5, padding=2, groups=in_channels)
        self.conv_spatial = nn.Conv2d(in_channels, in_channels, 7, padding=9, dilation=3, groups=in_channels)
        self.conv1 = nn.Conv2d(in_channels, half, 1)
        self.conv2 = nn.Conv2d(in_channels, half, 1)
        self.conv_squeeze = nn.Conv2d(2, 2, 7, padding=3)
        self.conv = nn.Conv2d(half, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        near = self.conv0(x)
        far = self.conv2(self.conv_spatial(near))
        near = self.conv1(near)
        both = torch.cat((near, far), dim=1)
        pooled = torch.cat((both.mean(dim=1, keepdim=True), both.amax(dim=1, keepdim=True)), dim=1)
        choice = self.conv_squeeze(pooled).sigmoid()  # (B, 2, H, W)
        return x * self.conv(near * choice[:, :1] + far * choice[:, 1:])
