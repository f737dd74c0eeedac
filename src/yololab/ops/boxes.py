"""Box formats and overlaps. All boxes are pixels of one common frame."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def cxcywh_to_xyxy(boxes_cxcywh: Float[Tensor, "*n 4"]) -> Float[Tensor, "*n 4"]:
    """Centre and size to corners."""
    center, half = boxes_cxcywh[..., :2], boxes_cxcywh[..., 2:] / 2
    return torch.cat((center - half, center + half), dim=-1)


def area(boxes_xyxy: Float[Tensor, "*n 4"]) -> Float[Tensor, "*n"]:
    """Width times height; 0 where a side is negative."""
    return (boxes_xyxy[..., 2:] - boxes_xyxy[..., :2]).clamp(min=0).prod(dim=-1)


def intersection(a: Float[Tensor, "... 4"], b: Float[Tensor, "... 4"]) -> Float[Tensor, ...]:
    """Overlap area of boxes that stand at the same place of `a` and `b`, whose leading axes broadcast."""
    low = torch.maximum(a[..., :2], b[..., :2])
    high = torch.minimum(a[..., 2:], b[..., 2:])
    return (high - low).clamp(min=0).prod(dim=-1)


def pairwise_iou(
    a: Float[Tensor, "*batch n 4"], b: Float[Tensor, "*batch m 4"], eps: float = 1e-9
) -> Float[Tensor, "*batch n m"]:
    """IoU of every box of `a` with every box of `b`, in [0, 1]; 0 where both are empty."""
    overlap = intersection(a.unsqueeze(-2), b.unsqueeze(-3))
    union = area(a).unsqueeze(-1) + area(b).unsqueeze(-2) - overlap
    return overlap / (union + eps)
