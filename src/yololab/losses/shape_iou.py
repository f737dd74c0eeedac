"""Shape-IoU: distance and shape costs weighed by the target's own shape (arXiv:2312.17663, eq. 3-8)."""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.losses.box import BoxLoss
from yololab.ops.overlap import EPS, geometry


class ShapeIoULoss(BoxLoss):
    """1 - IoU + weighted centre distance + shape cost / 2.

    `scale` goes with the size of a data set's objects (the paper: 0 to 1.5); at 0 both weights are 1.
    """

    def __init__(self, scale: float = 0.0) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        g = geometry(predicted_xyxy, target_xyxy)
        powers = g.size_b.clamp(min=EPS).pow(self.scale)
        weights = 2 * powers / powers.sum(-1, keepdim=True)  # (n, 2): of the target's width, of its height
        across = weights.flip(-1)  # an offset along x weighs by the height, and the other way about
        distance = (across * g.offset.square()).sum(-1) / (g.hull.square().sum(-1) + EPS)
        difference = across * (g.size_a - g.size_b).abs() / (torch.maximum(g.size_a, g.size_b) + EPS)
        shape = (1 - torch.exp(-difference)).pow(4).sum(-1)
        return 1 - g.iou + distance + shape / 2
