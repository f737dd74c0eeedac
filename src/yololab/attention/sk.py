"""SK: channels choose between convolutions of several kernels (arXiv:1903.06586, eq. 1-6).

The form of module collections: branches with bias, batch norm and ReLU, no norm behind the shared layer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.blocks.conv import batch_norm


class SK(Attention):
    """Softmax over the branches of `kernel_sizes`, by a hidden layer of max(least, in_channels / reduction) units."""

    def __init__(
        self, in_channels: int, *, kernel_sizes: Sequence[int] = (1, 3, 5, 7), reduction: int = 16, groups: int = 1,
        least: int = 32,
    ) -> None:  # fmt: skip
        super().__init__()
        hidden = max(least, in_channels // reduction)
        self.convs = nn.ModuleList(self._branch(in_channels, size, groups) for size in kernel_sizes)
        self.fc = nn.Linear(in_channels, hidden)
        self.fcs = nn.ModuleList(nn.Linear(hidden, in_channels) for _ in kernel_sizes)

    @staticmethod
    def _branch(channels: int, kernel_size: int, groups: int) -> nn.Sequential:
        conv = nn.Conv2d(channels, channels, kernel_size, padding=kernel_size // 2, groups=groups)
        parts = [("conv", conv), ("bn", batch_norm(channels)), ("relu", nn.ReLU(inplace=True))]
        return nn.Sequential(OrderedDict(parts))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        branches = torch.stack([conv(x) for conv in self.convs])  # (branches, B, C, H, W)
        shared = self.fc(branches.sum(dim=0).mean(dim=(2, 3)))
        choice = torch.stack([fc(shared) for fc in self.fcs]).softmax(dim=0)  # (branches, B, C)
        return (branches * choice[..., None, None]).sum(dim=0)
