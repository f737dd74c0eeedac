"""WIoU v1: IoU loss times a distance attention (arXiv:2301.10051, eq. 2-3).

loss = exp(offset^2 / hull diagonal^2) (1 - IoU); the hull is detached, so that it is not inflated to lower the loss.
"""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.losses.box import BoxLoss
from yololab.ops.overlap import EPS, geometry


class WIoULoss(BoxLoss):
    """Wise IoU, version 1."""

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,) in [0, e]."""
        g = geometry(predicted_xyxy, target_xyxy)
        diagonal = g.hull.detach().square().sum(-1) + EPS
        return torch.exp(g.offset.square().sum(-1) / diagonal) * (1 - g.iou)
