"""SIoU: IoU with angle-aware distance cost and shape cost (arXiv:2205.12740).

loss = 1 - IoU + (distance + shape) / 2, eq. 15-16;
angle    = cos(2 arcsin(sin a) - pi/2), a the smaller angle of the centres' line to an axis, eq. 1;
distance = sum over x, y of 1 - exp(-(2 - angle) (offset / hull)^2), eq. 5;
shape    = sum over w, h of (1 - exp(-|difference| / larger))^theta, theta = 4, eq. 8.
Where the centres coincide, angle and distance are 0; YOLOv6 0.1.0 divides by the distance and gives NaN there.
"""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.losses.box import BoxLoss
from yololab.ops.overlap import EPS, Geometry, geometry


class SIoULoss(BoxLoss):
    """1 - IoU + (distance cost + shape cost) / 2."""

    def __init__(self, theta: float = 4.0) -> None:
        super().__init__()
        self.theta = theta

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        g = geometry(predicted_xyxy, target_xyxy)
        return 1 - g.iou + (distance_cost(g) + shape_cost(g, self.theta)) / 2


def angle_cost(g: Geometry) -> Tensor:
    """0 where the centres lie on one axis or coincide, 1 where their line is diagonal.

    cos(2 arcsin(s) - pi/2) = 2 s sqrt(1 - s^2) = 2 |dx dy| / (dx^2 + dy^2), whatever the smaller angle is.
    """
    product = (g.offset[..., 0] * g.offset[..., 1]).abs()
    return 2 * product / (g.offset.square().sum(-1) + EPS**2)


def distance_cost(g: Geometry) -> Tensor:
    """Offset of the centres relative to the hull, more gently where the angle cost is high; in [0, 2)."""
    relative = (g.offset / (g.hull + EPS)).square()
    gamma = (2 - angle_cost(g)).unsqueeze(-1)
    return (1 - torch.exp(-gamma * relative)).sum(-1)


def shape_cost(g: Geometry, theta: float) -> Tensor:
    """Relative difference of the sides; in [0, 2)."""
    difference = (g.size_a - g.size_b).abs() / (torch.maximum(g.size_a, g.size_b) + EPS)
    return (1 - torch.exp(-difference)).pow(theta).sum(-1)
