"""HWD: downsampling without loss, by the Haar wavelet (Xu et al., Pattern Recognition 143, 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from yololab.blocks.base import Block, single
from yololab.blocks.conv import Conv
from yololab.graph.node import FeatureSpec


class HWD(Block):
    """The four bands of a 2x2 Haar transform side by side, then a 1x1 Conv with ReLU."""

    def __init__(self, in_channels: int, *, channels: int) -> None:
        super().__init__()
        self.conv = Conv(4 * in_channels, channels=channels, activation="relu")

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` at twice the stride."""
        return FeatureSpec(args["channels"], single(inputs).stride * 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H/2, W/2), for even H and W."""
        return self.conv(haar(x))


def haar(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, 4C, H/2, W/2): mean, horizontal, vertical and diagonal detail; lengths are kept."""
    a, b = x[..., 0::2, 0::2], x[..., 0::2, 1::2]
    c, d = x[..., 1::2, 0::2], x[..., 1::2, 1::2]
    return torch.cat((a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d), dim=1) / 2
