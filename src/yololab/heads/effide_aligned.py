"""EffiDeAligned: YOLOv6's head since 2.0, without objectness and with distances (arXiv:2301.05586, sec. 2.2)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yololab.blocks.conv import Conv
from yololab.heads.base import MAIN, Head, constant_bias_
from yololab.heads.dfl import DFL
from yololab.heads.distances import decode_distances
from yololab.structures import HeadMaps, Predictions

PRIOR = 1e-2
BINS = 17
"""Distances of 0 to 16 strides"""


class EffiDeAligned(Head):
    """Per level: a 1x1 stem, a 3x3 Conv for classes, one for boxes.

    Boxes are distances to the sides in strides, as they are (n, s) or, with `distribution`, as an expectation over 17
    bins (m, l). Raw maps are (B, 4 + num_classes, H, W), or (B, 68 + num_classes, H, W). The frozen numbers of the
    distribution are there in both, as in the reference, whose parameter counts they enter.
    """

    def __init__(
        self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int, distribution: bool = False
    ) -> None:
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        self.uses_distribution = distribution
        self.proj = nn.Parameter(torch.arange(BINS, dtype=torch.float32), requires_grad=False)
        self.proj_conv = DFL(BINS)
        self.cls_convs = nn.ModuleList(Conv(c, channels=c, kernel_size=3) for c in in_channels)
        self.reg_convs = nn.ModuleList(Conv(c, channels=c, kernel_size=3) for c in in_channels)
        self.cls_preds = nn.ModuleList(nn.Conv2d(c, num_classes, 1) for c in in_channels)
        self.reg_preds = nn.ModuleList(nn.Conv2d(c, 4 * (BINS if distribution else 1), 1) for c in in_channels)
        self.stems = nn.ModuleList(Conv(c, channels=c) for c in in_channels)
        for classes, boxes in zip(self.cls_preds, self.reg_preds, strict=True):
            _start(classes, -math.log((1 - PRIOR) / PRIOR))
            _start(boxes, 1.0)

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 or 68 + num_classes, H, W)."""
        return {MAIN: HeadMaps([self._level(i, x) for i, x in enumerate(features)])}

    def _level(self, index: int, x: Tensor) -> Tensor:
        x = self.stems[index](x)
        boxes = self.reg_preds[index](self.reg_convs[index](x))
        return torch.cat((boxes, self.cls_preds[index](self.cls_convs[index](x))), dim=1)

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps -> predictions."""
        projection = self.proj_conv if self.uses_distribution else None
        return decode_distances(maps, self.main_strides, projection, self.num_classes)


def _start(predictor: nn.Module, bias: float) -> None:
    """The same prediction everywhere: no weight, one bias."""
    assert isinstance(predictor, nn.Conv2d)
    nn.init.zeros_(predictor.weight)
    constant_bias_(predictor, bias)
