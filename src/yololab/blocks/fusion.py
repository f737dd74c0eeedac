"""Features of one size added by learnt shares.

BiFPNFusion has one share for each feature (EfficientDet, arXiv:1911.09070, sec. 3.3), AdaptiveFusion one for each
feature and place (ASFF, arXiv:1911.09516, eq. 1 and 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.graph.node import FeatureSpec


class BiFPNFusion(Block):
    """sum of relu(w_i) x_i over the sum of relu(w) + eps."""

    def __init__(self, in_channels: Sequence[int], *, eps: float = 1e-4) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(len(in_channels)))

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The spec that all inputs share; ValueError where they differ."""
        return _shared(inputs)

    def forward(self, *features: Tensor) -> Tensor:
        """Any number of (B, C, H, W) -> (B, C, H, W)."""
        shares = self.weight.relu()
        mixed = torch.stack([share * feature for share, feature in zip(shares, features, strict=True)]).sum(dim=0)
        return mixed / (shares.sum() + self.eps)


class AdaptiveFusion(Block):
    """sum of w_i x_i, then a 3x3 Conv; w is a softmax over the features at every place, from 1x1 Convs of each."""

    def __init__(self, in_channels: Sequence[int], *, compressed: int = 8) -> None:
        super().__init__()
        (channels,) = set(in_channels)
        self.compress = nn.ModuleList(Conv(channels, channels=compressed) for _ in in_channels)
        self.weigh = nn.Conv2d(compressed * len(in_channels), len(in_channels), 1)
        self.conv = Conv(channels, channels=channels, kernel_size=3)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The spec that all inputs share; ValueError where they differ."""
        return _shared(inputs)

    def forward(self, *features: Tensor) -> Tensor:
        """Any number of (B, C, H, W) -> (B, C, H, W)."""
        seen = [compress(feature) for compress, feature in zip(self.compress, features, strict=True)]
        shares = self.weigh(torch.cat(seen, dim=1)).softmax(dim=1)
        mixed = torch.stack([shares[:, i : i + 1] * feature for i, feature in enumerate(features)]).sum(dim=0)
        return self.conv(mixed)


def _shared(inputs: Sequence[FeatureSpec]) -> FeatureSpec:
    if len(set(inputs)) != 1:
        raise ValueError(f"expected inputs of one size and width, got {', '.join(map(str, inputs)) or 'none'}")
    return inputs[0]
