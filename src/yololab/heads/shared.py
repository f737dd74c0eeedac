"""SharedDetect: Detect with one set of layers for all levels, known to YOLO users as LSCD.

A 1x1 brings every level to one width; two 3x3 convolutions and both predictors are the same for all of them, as in
RetinaNet and FCOS (arXiv:1904.01355), and a learnt number for each level scales the distances. Norms are over groups of
channels of one image, since statistics of levels that share a batch norm would mix.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yololab.heads.base import MAIN, Head, class_bias, constant_bias_
from yololab.heads.dfl import dfl_of
from yololab.heads.distances import decode_distances
from yololab.heads.group_conv import GroupConv
from yololab.structures import HeadMaps, Predictions


class SharedDetect(Head):
    """Raw maps are Detect's, (B, 4 * reg_max + num_classes, H, W)."""

    def __init__(
        self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int, reg_max: int = 16,
        hidden: int = 256,
    ) -> None:  # fmt: skip
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        self.stems = nn.ModuleList(GroupConv(c, hidden, 1) for c in in_channels)
        self.shared = nn.Sequential(GroupConv(hidden, hidden, 3), GroupConv(hidden, hidden, 3))
        self.box = nn.Conv2d(hidden, 4 * reg_max, 1)
        self.classes = nn.Conv2d(hidden, num_classes, 1)
        self.scales = nn.Parameter(torch.ones(len(in_channels)))
        self.dfl = dfl_of(reg_max)
        constant_bias_(self.box, 1.0)
        constant_bias_(self.classes, class_bias(num_classes, 16))  # of the middle level: one bias for all

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 * reg_max + num_classes, H, W)."""
        levels = []
        for scale, stem, feature in zip(self.scales, self.stems, features, strict=True):
            x = self.shared(stem(feature))
            levels.append(torch.cat((scale * self.box(x), self.classes(x)), dim=1))
        return {MAIN: HeadMaps(levels)}

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps -> predictions."""
        return decode_distances(maps, self.main_strides, self.dfl, self.num_classes)
