"""EIoU: DIoU with separate penalties for width and height (arXiv:2101.08158, eq. 8), and its focal form (eq. 12)."""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.losses.box import BoxLoss
from yololab.ops.overlap import EPS, Geometry, center_distance, geometry


class EIoULoss(BoxLoss):
    """1 - IoU + centre distance + (w difference / hull width)^2 + (h difference / hull height)^2."""

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,) in [0, 4]."""
        return eiou_loss(geometry(predicted_xyxy, target_xyxy))


def eiou_loss(g: Geometry) -> Tensor:
    """Of measured pairs, (n,)."""
    sides = ((g.size_a - g.size_b).square() / (g.hull.square() + EPS)).sum(-1)
    return 1 - g.iou + center_distance(g) + sides


class FocalEIoULoss(BoxLoss):
    """IoU^gamma times EIoU: what overlaps little counts little. The weight is a constant for the gradient, as usual;
    with `detach_weight` false it is differentiated.
    """

    def __init__(self, gamma: float = 0.5, detach_weight: bool = True) -> None:
        super().__init__()
        self.gamma, self.detach_weight = gamma, detach_weight

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        g = geometry(predicted_xyxy, target_xyxy)
        overlap = g.iou.detach() if self.detach_weight else g.iou
        # A root has no finite slope at 0, where the weight is 0 anyway.
        weight = torch.where(overlap > 0, overlap.clamp(min=EPS).pow(self.gamma), torch.zeros_like(overlap))
        return weight * eiou_loss(g)
