"""GhostDynamic: half of the maps by a dynamic convolution, the rest by a cheap depthwise (arXiv:1911.11907, fig. 2).

The primary and the cheap convolution are both dynamic here, as in the YOLOv8 tutorial's C2f_GhostDynamicConv.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from yololab.blocks.base import Block
from yololab.blocks.dynamic_conv import DynamicConv


class GhostDynamic(Block):
    """ceil(channels / ratio) primary maps and ratio - 1 cheap maps of each, cut to `channels`.

    `kernel_size` and `stride` are the primary convolution's; the cheap one reads its maps at stride 1.
    """

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        kernel_size: int = 1,
        stride: int = 1,
        ratio: int = 2,
        cheap_kernel_size: int = 3,
        num_experts: int = 4,
        routing: str = "sigmoid",
    ) -> None:
        super().__init__()
        self.channels = channels
        primary = math.ceil(channels / ratio)
        shared = {"num_experts": num_experts, "routing": routing}
        self.primary_conv = DynamicConv(in_channels, channels=primary, kernel_size=kernel_size, stride=stride, **shared)
        self.cheap_operation = DynamicConv(
            primary, channels=primary * (ratio - 1), kernel_size=cheap_kernel_size, groups=primary, **shared
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        primary = self.primary_conv(x)
        return torch.cat((primary, self.cheap_operation(primary)), dim=1)[:, : self.channels]
