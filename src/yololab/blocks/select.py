"""HS-FPN's two steps: a level selects its channels, a deeper one selects among them (MFDS-DETR, arXiv:2401.00926)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.graph.node import FeatureSpec

LEAST_HIDDEN = 4


class PooledGate(nn.Module):
    """sigmoid(mlp(mean of x) + mlp(maximum of x)), one number in (0, 1) a channel; `mlp` narrows to 1 / `reduction`."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(LEAST_HIDDEN, channels // reduction)
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(hidden, channels, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, 1, 1)."""
        return (self.mlp(x.mean((2, 3), keepdim=True)) + self.mlp(x.amax((2, 3), keepdim=True))).sigmoid()


class ChannelSelect(Block):
    """conv1x1(gate(x) x) to `channels`: the feature selection of a level."""

    def __init__(self, in_channels: int, *, channels: int) -> None:
        super().__init__()
        self.gate = PooledGate(in_channels)
        self.conv = Conv(in_channels, channels=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        return self.conv(self.gate(x) * x)


class SelectiveFusion(Block):
    """gate(deep) shallow + deep: what the deeper level, brought to the same size, lets through of the shallower one."""

    def __init__(self, in_channels: Sequence[int]) -> None:
        super().__init__()
        self.gate = PooledGate(in_channels[1])

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The spec that both inputs share; ValueError where they differ."""
        if len(inputs) != 2 or inputs[0] != inputs[1]:
            raise ValueError(f"expected a shallow and a deep feature of one size and width, got {list(inputs)}")
        return inputs[0]

    def forward(self, shallow: Tensor, deep: Tensor) -> Tensor:
        """Two of (B, C, H, W) -> (B, C, H, W)."""
        return self.gate(deep) * shallow + deep
