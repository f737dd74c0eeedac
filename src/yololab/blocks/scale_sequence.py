"""ASF-YOLO's three steps (arXiv:2312.06458, sec. 3): levels as a sequence, three sizes as one, and where they meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.base import Block
from yololab.blocks.conv import Conv
from yololab.graph.node import FeatureSpec


class ScaleSequence(Block):
    """SSFF: three levels, brought to `channels` and the size of the finest, are the depth of a 3D convolution.

    leaky_relu(bn(conv1x1x1)) of the stack, then the largest of the three at every place.
    """

    def __init__(self, in_channels: Sequence[int], *, channels: int) -> None:
        super().__init__()
        self.bring = nn.ModuleList(Conv(read, channels=channels) for read in in_channels)
        self.conv = nn.Conv3d(channels, channels, 1)
        self.bn = nn.BatchNorm3d(channels)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` at the stride of the first; ValueError where they do not become coarser one by one."""
        _require_levels(inputs, "fine to coarse", 2)
        return FeatureSpec(args["channels"], inputs[0].stride)

    def forward(self, *levels: Tensor) -> Tensor:
        """Finest first: (B, C, H, W), (B, C', H/2, W/2), ... -> (B, channels, H, W)."""
        brought = [self.bring[0](levels[0])]
        for index, level in enumerate(levels[1:], start=1):
            brought.append(F.interpolate(self.bring[index](level), scale_factor=float(2**index)))
        stack = F.leaky_relu(self.bn(self.conv(torch.stack(brought, dim=2))), 0.1)
        return stack.amax(dim=2)


class TripleEncoding(Block):
    """TFE: a finer level pooled (largest plus mean), the level itself and a coarser one repeated, side by side.

    Each has `channels` of its own: 3 x `channels` come out.
    """

    def __init__(self, in_channels: Sequence[int], *, channels: int) -> None:
        super().__init__()
        self.fine, self.own, self.coarse = (Conv(read, channels=channels) for read in in_channels)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """Three times `channels` at the stride of the second; ValueError where the sizes do not halve."""
        _require_levels(inputs, "fine, own, coarse", 3)
        return FeatureSpec(3 * args["channels"], inputs[1].stride)

    def forward(self, fine: Tensor, own: Tensor, coarse: Tensor) -> Tensor:
        """(B, C, 2H, 2W), (B, C', H, W), (B, C'', H/2, W/2) -> (B, 3 * channels, H, W)."""
        narrow = self.fine(fine)
        pooled = F.max_pool2d(narrow, 2) + F.avg_pool2d(narrow, 2)
        return torch.cat((pooled, self.own(own), F.interpolate(self.coarse(coarse), scale_factor=2.0)), dim=1)


class ChannelPositionAttention(Block):
    """CPAM: channels of the first input gated by a 1D convolution of their means, its sum with the second by place.

    The gate of a place is the product of one for its row and one for its column.
    """

    def __init__(self, in_channels: Sequence[int]) -> None:
        super().__init__()
        channels = in_channels[0]
        kernel_size = int((math.log2(channels) + 1) / 2) | 1  # as efficient channel attention has it
        hidden = max(4, channels // 16)
        self.near = nn.Conv1d(1, 1, kernel_size, padding=kernel_size // 2, bias=False)
        self.narrow = Conv(channels, channels=hidden, activation="relu")
        self.row, self.column = nn.Conv2d(hidden, channels, 1), nn.Conv2d(hidden, channels, 1)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The spec that both inputs share; ValueError where they differ."""
        if len(inputs) != 2 or inputs[0] != inputs[1]:
            raise ValueError(f"expected two features of one size and width, got {list(inputs)}")
        return inputs[0]

    def forward(self, detail: Tensor, sequence: Tensor) -> Tensor:
        """Two of (B, C, H, W) -> (B, C, H, W)."""
        means = detail.mean((2, 3)).unsqueeze(1)
        x = detail * self.near(means).sigmoid().squeeze(1)[:, :, None, None] + sequence
        height = x.shape[2]
        lines = torch.cat((x.mean(3, keepdim=True), x.mean(2, keepdim=True).transpose(2, 3)), dim=2)
        seen = self.narrow(lines)
        rows, columns = seen[:, :, :height], seen[:, :, height:].transpose(2, 3)
        return x * self.row(rows).sigmoid() * self.column(columns).sigmoid()


def _require_levels(inputs: Sequence[FeatureSpec], order: str, least: int) -> None:
    strides = [spec.stride for spec in inputs]
    if len(strides) < least or any(2 * a != b for a, b in pairwise(strides)):
        raise ValueError(f"expected levels from {order}, each twice the stride of the one before, got {strides}")
