"""AConv and ADown: YOLOv9's downsampling behind a small average pooling (arXiv:2402.13616)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from yololab.blocks.base import Block, single
from yololab.blocks.conv import Conv
from yololab.graph.node import FeatureSpec


class AConv(Block):
    """2x2 average at stride 1, then a 3x3 Conv at stride 2."""

    def __init__(self, in_channels: int, *, channels: int) -> None:
        super().__init__()
        self.cv1 = Conv(in_channels, channels=channels, kernel_size=3, stride=2)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` at twice the stride."""
        return FeatureSpec(args["channels"], single(inputs).stride * 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H/2, W/2)."""
        return self.cv1(F.avg_pool2d(x, 2, stride=1))


class ADown(Block):
    """2x2 average; one half of the channels through a 3x3 Conv at stride 2, one through max pooling and a 1x1."""

    def __init__(self, in_channels: int, *, channels: int) -> None:
        super().__init__()
        self.cv1 = Conv(in_channels // 2, channels=channels // 2, kernel_size=3, stride=2)
        self.cv2 = Conv(in_channels // 2, channels=channels // 2)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` at twice the stride."""
        return FeatureSpec(args["channels"], single(inputs).stride * 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H/2, W/2)."""
        strided, pooled = F.avg_pool2d(x, 2, stride=1).chunk(2, dim=1)
        pooled = F.max_pool2d(pooled, 3, stride=2, padding=1)
        return torch.cat((self.cv1(strided), self.cv2(pooled)), dim=1)
