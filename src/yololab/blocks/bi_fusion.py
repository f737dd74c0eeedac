"""BiFusion: three neighbouring levels in one node, YOLOv6 3.0's "bi-directional concatenation" (arXiv:2301.05586)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.graph.node import FeatureSpec


class BiFusion(Block):
    """Inputs are a coarse feature of `channels`, one of the node's own level and a fine one.

    The coarse one is upsampled by a transposed convolution, the own one narrowed by a 1x1, the fine one narrowed and
    strided; a 1x1 mixes the three.
    """

    def __init__(self, in_channels: Sequence[int], *, channels: int, activation: str = "relu") -> None:
        super().__init__()
        coarse, own, fine = in_channels
        self.cv1 = Conv(own, channels=channels, activation=activation)
        self.cv2 = Conv(fine, channels=channels, activation=activation)
        self.cv3 = Conv(3 * channels, channels=channels, activation=activation)
        self.upsample = nn.ConvTranspose2d(coarse, channels, 2, 2)
        self.downsample = Conv(channels, channels=channels, kernel_size=3, stride=2, activation=activation)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` at the stride of the second input; ValueError where strides are not 4 : 2 : 1."""
        strides = [spec.stride for spec in inputs]
        if len(strides) != 3 or strides != [4 * strides[-1], 2 * strides[-1], strides[-1]]:
            raise ValueError(f"expected three inputs with strides as 4 : 2 : 1, got {strides}")
        return FeatureSpec(args["channels"], strides[1])

    def forward(self, coarse: Tensor, own: Tensor, fine: Tensor) -> Tensor:
        """(B, C, H/2, W/2), (B, C', H, W), (B, C'', 2H, 2W) -> (B, channels, H, W)."""
        parts = (self.upsample(coarse), self.cv1(own), self.downsample(self.cv2(fine)))
        return self.cv3(torch.cat(parts, dim=1))
