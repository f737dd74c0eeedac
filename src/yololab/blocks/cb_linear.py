"""CBLinear: a 1x1 convolution whose output is split into the features that an auxiliary branch fuses.

CBNet (arXiv:1909.03625) as YOLOv9 uses it for its reversible branch (arXiv:2402.13616, sec. 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from yololab.blocks.base import Block, single
from yololab.graph.node import FeatureSpec


class CBLinear(Block):
    """Yields len(`splits`) maps of the given widths."""

    def __init__(self, in_channels: int, *, splits: Sequence[int]) -> None:
        super().__init__()
        self.splits = tuple(splits)
        self.conv = nn.Conv2d(in_channels, sum(splits), 1)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """A tuple of widths at the stride of the input."""
        return FeatureSpec(tuple(args["splits"]), single(inputs).stride)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """(B, in_channels, H, W) -> one (B, width, H, W) per split."""
        return self.conv(x).split(self.splits, dim=1)
