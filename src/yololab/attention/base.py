"""The contract of an attention: one feature in, one of the same shape out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yololab.blocks.base import Block, single
from yololab.graph.node import FeatureSpec


class Attention(Block):
    """A block that keeps channels and stride. Its first constructor argument is `in_channels`."""

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The spec of the input."""
        return single(inputs)
