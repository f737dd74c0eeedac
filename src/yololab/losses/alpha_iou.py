"""Alpha-IoU: the terms of an IoU loss, each to a power (arXiv:2110.13675, eq. 3 and table 1)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from yololab.errors import ConfigError, did_you_mean
from yololab.losses.box import BoxLoss
from yololab.ops.overlap import EPS, center_distance, geometry

BASES = ("iou", "giou", "diou", "ciou")


class AlphaIoULoss(BoxLoss):
    """1 - IoU^a, plus the base's own penalties to the same power; the paper takes 3, and 1 is the base itself."""

    def __init__(self, base: str = "ciou", power: float = 3.0) -> None:
        super().__init__()
        if base not in BASES:
            raise ConfigError(f"loss.box.base={base}: expected one of {', '.join(BASES)}{did_you_mean(base, BASES)}")
        self.base, self.power = base, power

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        g = geometry(predicted_xyxy, target_xyxy)
        loss = 1 - g.iou.pow(self.power)
        if self.base == "giou":
            hull = g.hull[..., 0] * g.hull[..., 1] + EPS
            return loss + ((hull - g.union) / hull).abs().pow(self.power)
        if self.base in ("diou", "ciou"):
            loss = loss + center_distance(g).pow(self.power)
        if self.base == "ciou":
            angles = [torch.atan(size[..., 0] / (size[..., 1] + EPS)) for size in (g.size_a, g.size_b)]
            aspect = 4 / math.pi**2 * (angles[1] - angles[0]).square()
            weight = (aspect / (1 - g.iou + aspect + EPS)).detach()
            loss = loss + (weight * aspect).pow(self.power)
        return loss
