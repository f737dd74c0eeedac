"""Gold-YOLO's gather and distribute: levels brought to one size, and what all of them say injected into each
(arXiv:2309.11331, sec. 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.graph.node import FeatureSpec


class AlignConcat(Block):
    """Levels, finest first, at the size of number `to`: finer ones by their means, coarser ones in between."""

    def __init__(self, in_channels: Sequence[int], *, to: int) -> None:
        super().__init__()
        self.to_level = to

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """All widths at the stride of the level `to`; ValueError where the strides do not double one by one."""
        to = args["to"]
        if not 0 <= to < len(inputs):
            raise ValueError(f"to={to}: expected the number of a level, 0 to {len(inputs) - 1}")
        strides = [spec.stride for spec in inputs]
        if strides != [strides[0] * 2**index for index in range(len(strides))]:
            raise ValueError(
                f"expected levels from fine to coarse, each twice the stride of the one before, got {strides}"
            )
        return FeatureSpec(sum(spec.width for spec in inputs), strides[to])

    def forward(self, *levels: Tensor) -> Tensor:
        """(B, C, H, W), (B, C', H/2, W/2), ... -> (B, C + C' + ..., H / 2^to, W / 2^to)."""
        aligned = []
        for index, level in enumerate(levels):
            if index < self.to_level:
                level = F.avg_pool2d(level, 2 ** (self.to_level - index))
            elif index > self.to_level:
                level = F.interpolate(level, scale_factor=float(2 ** (index - self.to_level)), mode="bilinear")
            aligned.append(level)
        return torch.cat(aligned, dim=1)


class Inject(Block):
    """conv1x1(local) * hard_sigmoid(conv1x1(whole)) + conv1x1(whole): sec. 3.3, eq. 5 to 7.

    `whole` stands at another level than `local`: `steps` halvings lie between them, negative where it is the finer one.
    """

    def __init__(self, in_channels: Sequence[int], *, channels: int, steps: int = 0) -> None:
        super().__init__()
        local, whole = in_channels
        self.steps = steps
        self.local = Conv(local, channels=channels, activation="identity")
        self.gate = Conv(whole, channels=channels, activation="identity")
        self.embed = Conv(whole, channels=channels, activation="identity")

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` at the stride of the first; ValueError where `steps` is not what lies between the two."""
        if len(inputs) != 2 or inputs[1].stride != inputs[0].stride * 2 ** args.get("steps", 0):
            raise ValueError(
                f"steps={args.get('steps', 0)}: expected a local feature and one of all levels, got {list(inputs)}"
            )
        return FeatureSpec(args["channels"], inputs[0].stride)

    def forward(self, local: Tensor, whole: Tensor) -> Tensor:
        """(B, C, H, W), (B, C', H / 2^steps, W / 2^steps) -> (B, channels, H, W)."""
        gate, embedded = self._at_home(F.hardsigmoid(self.gate(whole))), self._at_home(self.embed(whole))
        return self.local(local) * gate + embedded

    def _at_home(self, x: Tensor) -> Tensor:
        if self.steps > 0:
            return F.interpolate(x, scale_factor=float(2**self.steps), mode="bilinear")
        return F.avg_pool2d(x, 2**-self.steps) if self.steps else x
