"""Powerful-IoU: a penalty relative to the target alone, which rewards no growing box (Neural Networks 170, 2024).

P = (|dx1| / w + |dx2| / w + |dy1| / h + |dy2| / h) / 4 over the target's sides; PIoU loss = 1 - IoU + 1 - exp(-P^2).
Version 2 multiplies by 3 x exp(-x^2), x = lambda exp(-P): boxes of medium quality count most.
"""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.losses.box import BoxLoss
from yololab.ops.overlap import EPS, iou


class PIoULoss(BoxLoss):
    """Version 1."""

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,) in [0, 2]."""
        return plain(predicted_xyxy, target_xyxy, penalty(predicted_xyxy, target_xyxy))


class PIoU2Loss(BoxLoss):
    """Version 2; `attention` is lambda. With `detach_attention` the factor is a constant for the gradient."""

    def __init__(self, attention: float = 1.3, detach_attention: bool = False) -> None:
        super().__init__()
        self.attention, self.detach_attention = attention, detach_attention

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        relative = penalty(predicted_xyxy, target_xyxy)
        quality = self.attention * torch.exp(-relative)
        factor = 3 * quality * torch.exp(-quality.square())
        factor = factor.detach() if self.detach_attention else factor
        return factor * plain(predicted_xyxy, target_xyxy, relative)


def plain(predicted_xyxy: Tensor, target_xyxy: Tensor, relative: Tensor) -> Tensor:
    """1 - IoU + 1 - exp(-P^2), with P = `relative`, (n,)."""
    return 1 - iou(predicted_xyxy, target_xyxy) + 1 - torch.exp(-relative.square())


def penalty(predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
    """P, (n,)."""
    predicted, target = predicted_xyxy.float(), target_xyxy.float()
    sides = (target[..., 2:] - target[..., :2]).repeat_interleave(2, dim=-1)[..., [0, 2, 1, 3]] + EPS  # w, h, w, h
    return ((predicted - target).abs() / sides).mean(-1)
