"""DynamicDetect: Detect behind DyHead's three attentions, over levels, places and channels (arXiv:2106.08322)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.conv import Conv
from yololab.blocks.deform_conv import TAPS, deformed
from yololab.heads.base import MAIN, Head
from yololab.heads.detect import box_and_class_layers
from yololab.heads.dfl import dfl_of
from yololab.heads.distances import decode_distances, predict_levels, set_biases_
from yololab.heads.group_conv import group_norm
from yololab.structures import HeadMaps, Predictions


class DeformedLevel(nn.Module):
    """A 3x3 kernel that samples where it is told, group norm, times hard_sigmoid(relu(linear(mean))) (eq. 3)."""

    is_unordered_on_cuda = True

    def __init__(self, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.conv = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.gn = group_norm(channels)
        self.linear = nn.Conv2d(channels, 1, 1)

    def forward(self, x: Tensor, offsets: Tensor, weights: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H / stride, W / stride)."""
        y = self.gn(deformed(x, offsets, weights, self.conv.weight, self.stride))
        return y * F.hardsigmoid(F.relu(self.linear(y.mean((2, 3), keepdim=True))))


class TaskAware(nn.Module):
    """max(a1 x + b1, a2 x + b2), four numbers a channel from the mean of x, (1, 0, 0, 0) at first (eq. 5)."""

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc = nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, 4 * channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        said = F.hardsigmoid(self.fc(x.mean((2, 3), keepdim=True))) - 0.5
        slope, shift, other_slope, other_shift = said.chunk(4, dim=1)
        return torch.maximum((2 * slope + 1) * x + shift, 2 * other_slope * x + other_shift)


class DynamicBlock(nn.Module):
    """One round of the three attentions. Its layers are the same for all levels.

    A level and its neighbours are sampled at the offsets that the level itself says; the coarser one, of half the size,
    at their means over 2 x 2 places.
    """

    def __init__(self, channels: int, levels: int = 3) -> None:
        super().__init__()
        self.where = nn.Conv2d(channels, 3 * TAPS, 3, padding=1)
        nn.init.zeros_(self.where.weight)
        nn.init.zeros_(self.where.bias)  # type: ignore[arg-type]
        self.own = DeformedLevel(channels)
        if levels > 1:
            self.finer, self.coarser = DeformedLevel(channels, 2), DeformedLevel(channels)
        self.task = TaskAware(channels)

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """Features (B, C, H, W), each of half the size of the one before -> as many of the same sizes."""
        return [self.task(self._at(index, levels)) for index in range(len(levels))]

    def _at(self, index: int, levels: Sequence[Tensor]) -> Tensor:
        said = self.where(levels[index])
        offsets, weights = said[:, : 2 * TAPS], said[:, 2 * TAPS :].sigmoid()
        seen = [self.own(levels[index], offsets, weights)]
        if index > 0:
            seen.append(self.finer(levels[index - 1], offsets, weights))
        if index + 1 < len(levels):
            half = self.coarser(levels[index + 1], F.avg_pool2d(offsets, 2), F.avg_pool2d(weights, 2))
            seen.append(F.interpolate(half, scale_factor=2.0, mode="bilinear"))
        return torch.stack(seen).mean(dim=0)


class DynamicDetect(Head):
    """Every level to `hidden` channels, `rounds` DynamicBlocks, then Detect's layers. Raw maps are Detect's."""

    def __init__(
        self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int, reg_max: int = 16,
        hidden: int = 128, rounds: int = 2,
    ) -> None:  # fmt: skip
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        if any(2 * finer != coarser for finer, coarser in pairwise(strides)):
            raise ValueError(f"expected levels that are neighbours, each of twice the stride before: {strides}")
        self.stems = nn.ModuleList(Conv(read, channels=hidden) for read in in_channels)
        self.rounds = nn.ModuleList(DynamicBlock(hidden, len(in_channels)) for _ in range(rounds))
        self.cv2, self.cv3 = box_and_class_layers([hidden] * len(in_channels), num_classes, reg_max)
        self.dfl = dfl_of(reg_max)
        set_biases_(self.cv2, self.cv3, strides, num_classes)

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 * reg_max + num_classes, H, W)."""
        levels = [stem(feature) for stem, feature in zip(self.stems, features, strict=True)]
        for block in self.rounds:
            levels = block(levels)
        return {MAIN: HeadMaps(predict_levels(self.cv2, self.cv3, levels))}

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps -> predictions."""
        return decode_distances(maps, self.main_strides, self.dfl, self.num_classes)
