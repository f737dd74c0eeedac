"""CBFuse: add chosen CBLinear maps, brought to its size, to a feature (CBNet, arXiv:1909.03625)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from yololab.blocks.base import Block
from yololab.graph.node import FeatureSpec


class CBFuse(Block):
    """Sum of the last input and, of every other, the map number `indices[k]`, upsampled by nearest neighbour."""

    def __init__(self, in_channels: tuple[Any, ...], *, indices: Sequence[int]) -> None:
        super().__init__()
        self.indices = tuple(indices)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The spec of the last input; ValueError where a chosen map has other channels."""
        *sources, target = inputs
        indices = args["indices"]
        if len(indices) != len(sources):
            raise ValueError(f"expected one index for each of {len(sources)} CBLinear inputs, got {list(indices)}")
        for position, (index, source) in enumerate(zip(indices, sources, strict=True)):
            widths = source.channels if isinstance(source.channels, tuple) else (source.channels,)
            if index >= len(widths) or widths[index] != target.channels:
                raise ValueError(
                    f"input {position}: expected its map {index} to have {target.channels} channels, it has {widths}"
                )
        return target

    def forward(self, *features: Any) -> Tensor:
        """Tuples of maps, then (B, C, H, W) -> (B, C, H, W)."""
        *sources, fused = features
        size = fused.shape[2:]
        for index, maps in zip(self.indices, sources, strict=True):
            fused = fused + F.interpolate(maps[index], size=size, mode="nearest")
        return fused
