"""Focus: every second pixel of both axes as a map of its own, mixed by one convolution (YOLOv5 before 6.0, YOLOX)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from yololab.blocks.base import Block, single
from yololab.blocks.conv import Conv
from yololab.graph.node import FeatureSpec


class Focus(Block):
    """A Conv over the upper left, lower left, upper right and lower right pixels of all squares of 2 x 2."""

    def __init__(self, in_channels: int, *, channels: int, kernel_size: int = 3) -> None:
        super().__init__()
        self.conv = Conv(4 * in_channels, channels=channels, kernel_size=kernel_size)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` at twice the stride."""
        return FeatureSpec(args["channels"], single(inputs).stride * 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H/2, W/2)."""
        parts = [x[..., row::2, column::2] for column in (0, 1) for row in (0, 1)]
        return self.conv(torch.cat(parts, dim=1))
