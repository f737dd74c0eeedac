"""BiFPNFusion: features of one size added by learnt shares (EfficientDet, arXiv:1911.09070, sec. 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
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
        if len(set(inputs)) != 1:
            raise ValueError(f"expected inputs of one size and width, got {', '.join(map(str, inputs)) or 'none'}")
        return inputs[0]

    def forward(self, *features: Tensor) -> Tensor:
        """Any number of (B, C, H, W) -> (B, C, H, W)."""
        shares = self.weight.relu()
        mixed = torch.stack([share * feature for share, feature in zip(shares, features, strict=True)]).sum(dim=0)
        return mixed / (shares.sum() + self.eps)
