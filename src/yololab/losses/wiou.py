"""Wise-IoU: IoU loss times a distance attention, and a focus on boxes of ordinary quality (arXiv:2301.10051).

Version 1, eq. 2-3: exp(offset^2 / hull diagonal^2) (1 - IoU); the hull is a constant for the gradient, so that it is
not inflated to lower the loss. Versions 2 and 3 multiply by a factor of the outlier degree b = L / mean(L), where L is
1 - IoU, a constant too: version 2 by b^gamma (eq. 5), version 3 by b / (delta alpha^(b - delta)) (eq. 9-11).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.errors import ConfigError
from yololab.losses.box import BoxLoss
from yololab.ops.overlap import EPS, Geometry, geometry

HALF_LIFE = 7000
"""Batches after which half of the running mean is new, as in the authors' code"""


def distance_attention(g: Geometry) -> Tensor:
    """exp(offset^2 / hull diagonal^2), (n,) in [1, e]."""
    return torch.exp(g.offset.square().sum(-1) / (g.hull.detach().square().sum(-1) + EPS))


class Focus(nn.Module):
    """The factor of versions 2 and 3, with the running mean of 1 - IoU; learnt in training, kept in checkpoints."""

    mean: Tensor

    def __init__(self, version: str, gamma: float = 0.5, alpha: float = 1.9, delta: float = 3.0) -> None:
        super().__init__()
        if version not in ("v2", "v3"):
            raise ConfigError(f"version {version!r}: expected v1, v2 or v3")
        self.version, self.gamma, self.alpha, self.delta = version, gamma, alpha, delta
        self.momentum = 1 - 0.5 ** (1 / HALF_LIFE)
        self.register_buffer("mean", torch.ones(()))

    @torch.no_grad()
    def forward(self, overlap: Tensor) -> Tensor:
        """IoU (n,) -> factor (n,)."""
        loss = 1 - overlap.detach()
        if self.training and len(loss):
            self.mean.lerp_(loss.mean().to(self.mean.dtype), self.momentum)
        outlier = loss / self.mean.clamp(min=EPS)
        if self.version == "v2":
            return outlier.clamp(min=0).pow(self.gamma)
        return outlier / (self.delta * self.alpha ** (outlier - self.delta))


class WIoULoss(BoxLoss):
    """Version v1, v2 or v3; `gamma` is of v2, `alpha` and `delta` are of v3."""

    def __init__(self, version: str = "v1", gamma: float = 0.5, alpha: float = 1.9, delta: float = 3.0) -> None:
        super().__init__()
        self.focus = None if version == "v1" else Focus(version, gamma, alpha, delta)

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        g = geometry(predicted_xyxy, target_xyxy)
        loss = distance_attention(g) * (1 - g.iou)
        return loss if self.focus is None else self.focus(g.iou) * loss
