"""What every block answers: the feature it yields, and the form it takes for deployment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from yololab.graph.node import FeatureSpec

BN_EPS = 1e-3
BN_MOMENTUM = 0.03


class Block(nn.Module):
    """A node's module. The first constructor argument is `in_channels` (a tuple for several inputs)."""

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """Return channels and stride of the output; raise ValueError where the inputs do not fit.

        The default is a block of one input that yields `channels` at `stride` (1 unless given).
        """
        source = single(inputs)
        return FeatureSpec(args["channels"], source.stride * args.get("stride", 1))

    def remarks(self) -> list[str]:
        """What a reader of this block's row in `yololab profile` should know; usually nothing."""
        return []


class Deployable(nn.Module):
    """A module that has a cheaper equivalent for inference."""

    def deployed(self) -> nn.Module:
        """Return the equivalent module, computed from the present weights and statistics."""
        raise NotImplementedError


def single(inputs: Sequence[FeatureSpec]) -> FeatureSpec:
    """The one input of a block that reads one feature; ValueError otherwise."""
    if len(inputs) != 1:
        raise ValueError(f"expected one input, got {len(inputs)}")
    return inputs[0]


def deploy_children(module: nn.Module) -> nn.Module:
    """Replace, in place and at any depth, every Deployable by its deployed form; return the module's own form."""
    if isinstance(module, Deployable):
        return module.deployed()
    for name, child in module.named_children():
        setattr(module, name, deploy_children(child))
    return module
