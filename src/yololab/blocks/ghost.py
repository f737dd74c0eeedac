"""GhostDynamic: half of the maps by a dynamic 1x1, the rest by a cheap depthwise one (arXiv:1911.11907, fig. 2).

The primary and the cheap convolution are both dynamic here, as in the YOLOv8 tutorial's C2f_GhostDynamicConv.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from yololab.blocks.base import Block
from yololab.blocks.dynamic_conv import DynamicConv


class GhostDynamic(Block):
    """ceil(channels / ratio) primary maps and ratio - 1 cheap maps of each, cut to `channels`."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        ratio: int = 2,
        cheap_kernel_size: int = 3,
        num_experts: int = 4,
        routing: str = "sigmoid",
    ) -> None:
        super().__init__()
        self.channels = channels
        primary = math.ceil(channels / ratio)
        shared = {"num_experts": num_experts, "routing": routing}
        self.primary_conv = DynamicConv(in_channels, channels=primary, **shared)
        self.cheap_operation = DynamicConv(
            primary, channels=primary * (ratio - 1), kernel_size=cheap_kernel_size, groups=primary, **shared
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        primary = self.primary_conv(x)
        return torch.cat((primary, self.cheap_operation(primary)), dim=1)[:, : self.channels]
