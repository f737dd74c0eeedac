"""NWD: boxes as Gaussians, compared by their Wasserstein distance (arXiv:2110.13389, eq. 8-10); for small objects."""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.losses.box import BoxLoss
from yololab.ops.overlap import geometry


class NWDLoss(BoxLoss):
    """1 - exp(-W / C), W^2 = dx^2 + dy^2 + (dw^2 + dh^2) / 4.

    `constant` is C in pixels; the paper takes the mean side of a data set's objects (12.8 in AI-TOD).
    """

    def __init__(self, constant: float = 12.8) -> None:
        super().__init__()
        self.constant = constant

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in pixels of the network input -> loss (n,) in [0, 1]."""
        g = geometry(predicted_xyxy, target_xyxy)
        squared = g.offset.square().sum(-1) + (g.size_a - g.size_b).square().sum(-1) / 4
        apart = squared > 0
        distance = torch.where(apart, squared, torch.ones_like(squared)).sqrt() * apart  # no gradient where they agree
        return 1 - torch.exp(-distance / self.constant)
