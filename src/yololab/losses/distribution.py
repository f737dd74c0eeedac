"""Distribution Focal Loss: cross-entropy of the two bins around a distance (arXiv:2006.04388, eq. 6)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def distribution_focal_loss(logits: Float[Tensor, "n 4 bins"], distances: Float[Tensor, "n 4"]) -> Float[Tensor, " n"]:
    """Mean over the four sides; `distances` in strides, clamped to [0, bins - 1.01]."""
    bins = logits.shape[-1]
    distances = distances.clamp(0, bins - 1 - 0.01)
    low = distances.long()
    share = distances - low
    log_probabilities = logits.float().log_softmax(dim=-1)
    at_low = log_probabilities.gather(-1, low.unsqueeze(-1)).squeeze(-1)
    at_high = log_probabilities.gather(-1, (low + 1).unsqueeze(-1)).squeeze(-1)
    return -(at_low * (1 - share) + at_high * share).mean(dim=-1)


def side_distances(
    points: Float[Tensor, "n 2"], boxes_xyxy: Float[Tensor, "n 4"], strides: Float[Tensor, " n"]
) -> Float[Tensor, "n 4"]:
    """Distances from points to left, top, right and bottom of boxes, in strides."""
    low, high = points - boxes_xyxy[:, :2], boxes_xyxy[:, 2:] - points
    return torch.cat((low, high), dim=-1) / strides.unsqueeze(-1)


def center_size_targets(
    points: Float[Tensor, "n 2"], boxes_xyxy: Float[Tensor, "n 4"], strides: Float[Tensor, " n"]
) -> Float[Tensor, "n 4"]:
    """What direct regression should predict: centre minus cell corner and logarithm of the size, in strides."""
    scale = strides.unsqueeze(-1)
    center = (boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2
    corner = points / scale - 0.5
    size = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]) / scale
    return torch.cat((center / scale - corner, torch.log(size + 1e-8)), dim=-1)


def binary_cross_entropy_sum(logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Sum over all elements, in float32; `weights` (classes,) are those of the last axis."""
    return F.binary_cross_entropy_with_logits(logits.float(), targets, weight=weights, reduction="sum")
