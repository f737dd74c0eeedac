"""CA: coordinate attention, gates along each axis from features pooled along the other (arXiv:2103.02907, eq. 4-9)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.blocks.conv import batch_norm
from yololab.blocks.pooling import AveragePool


class CoordAtt(Attention):
    """x * gate over rows * gate over columns; hidden width in_channels / reduction, at least `min_hidden`."""

    def __init__(self, in_channels: int, *, reduction: int = 32, min_hidden: int = 8) -> None:
        super().__init__()
        hidden = max(min_hidden, in_channels // reduction)
        self.pool_h = AveragePool(axes=(3,))
        self.pool_w = AveragePool(axes=(2,))
        self.conv1 = nn.Conv2d(in_channels, hidden, 1)
        self.bn1 = batch_norm(hidden)
        self.act = nn.Hardswish()
        self.conv_h = nn.Conv2d(hidden, in_channels, 1)
        self.conv_w = nn.Conv2d(hidden, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        height, width = x.shape[2:]
        rows = self.pool_h(x)  # (B, C, H, 1)
        columns = self.pool_w(x).transpose(2, 3)  # (B, C, W, 1)
        y = self.act(self.bn1(self.conv1(torch.cat((rows, columns), dim=2))))  # (B, hidden, H + W, 1)
        rows, columns = y.split((height, width), dim=2)
        row_gate = self.conv_h(rows).sigmoid()
        column_gate = self.conv_w(columns.transpose(2, 3)).sigmoid()
        return x * column_gate * row_gate
