"""SA: groups of channels, half of each gated by channel, half by place, then shuffled (arXiv:2102.00240, eq. 1-4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.attention.base import Attention


class ShuffleAttention(Attention):
    """`groups` groups; the channels must be a multiple of twice as many."""

    def __init__(self, in_channels: int, *, groups: int = 8) -> None:
        super().__init__()
        if in_channels % (2 * groups):
            raise ValueError(f"groups={groups}: {in_channels} channels are no multiple of {2 * groups}")
        self.groups = groups
        part = in_channels // (2 * groups)
        self.cweight = nn.Parameter(torch.zeros(1, part, 1, 1))
        self.cbias = nn.Parameter(torch.ones(1, part, 1, 1))
        self.sweight = nn.Parameter(torch.zeros(1, part, 1, 1))
        self.sbias = nn.Parameter(torch.ones(1, part, 1, 1))
        self.gn = nn.GroupNorm(part, part)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        batch, channels, height, width = x.shape
        by_channel, by_place = x.reshape(batch * self.groups, -1, height, width).chunk(2, dim=1)
        mean = by_channel.mean(dim=(2, 3), keepdim=True)
        by_channel = by_channel * (self.cweight * mean + self.cbias).sigmoid()
        by_place = by_place * (self.sweight * self.gn(by_place) + self.sbias).sigmoid()
        joined = torch.cat((by_channel, by_place), dim=1).reshape(batch, 2, channels // 2, height, width)
        return joined.transpose(1, 2).reshape(batch, channels, height, width)
