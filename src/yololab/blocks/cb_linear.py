"""CBLinear: a convolution, 1x1 unless told, whose output is split into the features that an auxiliary branch fuses.

CBNet (arXiv:1909.03625) as YOLOv9 uses it for its reversible branch (arXiv:2402.13616, sec. 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from yololab.blocks.base import Block, single
from yololab.blocks.conv import same_padding
from yololab.graph.node import FeatureSpec


class CBLinear(Block):
    """Yields len(`splits`) maps of the given widths."""

    def __init__(
        self,
        in_channels: int,
        *,
        splits: Sequence[int],
        kernel_size: int = 1,
        stride: int = 1,
        padding: int | None = None,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.splits = tuple(splits)
        pad = same_padding(kernel_size) if padding is None else padding
        self.conv = nn.Conv2d(in_channels, sum(splits), kernel_size, stride, pad, groups=groups)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """A tuple of widths at `stride` times the stride of the input."""
        return FeatureSpec(tuple(args["splits"]), single(inputs).stride * args.get("stride", 1))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """(B, in_channels, H, W) -> one (B, width, H / stride, W / stride) per split."""
        return self.conv(x).split(self.splits, dim=1)
