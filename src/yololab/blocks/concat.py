"""Concat: features of equal stride side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from yololab.blocks.base import Block
from yololab.graph.node import FeatureSpec


class Concat(Block):
    """Concatenate along the channels."""

    def __init__(self, in_channels: tuple[int, ...]) -> None:
        super().__init__()

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The sum of the channels; ValueError where strides differ."""
        if len({spec.stride for spec in inputs}) != 1:
            raise ValueError(f"expected inputs of one stride, got strides {[spec.stride for spec in inputs]}")
        return FeatureSpec(sum(spec.width for spec in inputs), inputs[0].stride)

    def forward(self, *features: Tensor) -> Tensor:
        """(B, C1, H, W), (B, C2, H, W), ... -> (B, C1 + C2 + ..., H, W)."""
        return torch.cat(features, dim=1)
