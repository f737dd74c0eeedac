"""EMA: efficient multi-scale attention, two branches per channel group weighing each other (arXiv:2305.13563, sec. 3).

Each of `groups` groups goes through a 1x1 branch gated along both axes (as coordinate attention, without reduction)
and a 3x3 branch; the softmax of either one's mean weighs the other's pixels, and the sum gates the group.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.blocks.pooling import AveragePool


class EMA(Attention):
    """Efficient multi-scale attention; not the moving average of weights."""

    def __init__(self, in_channels: int, *, groups: int = 8) -> None:
        super().__init__()
        if in_channels % groups:
            raise ValueError(f"groups={groups} must divide the channels, {in_channels}")
        width = in_channels // groups
        self.groups = groups
        self.pool_h, self.pool_w, self.pool = AveragePool((3,)), AveragePool((2,)), AveragePool()
        self.norm = nn.GroupNorm(width, width)
        self.conv1x1 = nn.Conv2d(width, width, 1)
        self.conv3x3 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        batch, channels, height, width = x.shape
        grouped = x.reshape(batch * self.groups, -1, height, width)
        lines = torch.cat((self.pool_h(grouped), self.pool_w(grouped).transpose(2, 3)), dim=2)
        rows, columns = self.conv1x1(lines).split((height, width), dim=2)
        first = self.norm(grouped * rows.sigmoid() * columns.transpose(2, 3).sigmoid())
        second = self.conv3x3(grouped)
        gate = self._weighed(first, second) + self._weighed(second, first)  # (B*G, 1, H, W)
        return (grouped * gate.sigmoid()).view(batch, channels, height, width)

    def _weighed(self, weighing: Tensor, weighed: Tensor) -> Tensor:
        """Pixels of `weighed`, its channels summed by the softmax of the other's means."""
        weights = self.pool(weighing).softmax(dim=1)  # (B*G, C/G, 1, 1)
        return torch.einsum("bcij,bchw->bhw", weights, weighed).unsqueeze(1)
