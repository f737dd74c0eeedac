"""EIoU: DIoU with separate penalties for width and height (arXiv:2101.08158, eq. 8)."""

from __future__ import annotations

from torch import Tensor

from yololab.losses.box import BoxLoss
from yololab.ops.overlap import EPS, center_distance, geometry


class EIoULoss(BoxLoss):
    """1 - IoU + centre distance + (w difference / hull width)^2 + (h difference / hull height)^2."""

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,) in [0, 4]."""
        g = geometry(predicted_xyxy, target_xyxy)
        sides = ((g.size_a - g.size_b).square() / (g.hull.square() + EPS)).sum(-1)
        return 1 - g.iou + center_distance(g) + sides
