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


def pairwise_iou(
    a: Float[Tensor, "*batch n 4"], b: Float[Tensor, "*batch m 4"], eps: float = 1e-9
) -> Float[Tensor, "*batch n m"]:
    """IoU of every box of `a` with every box of `b`, in [0, 1]; 0 where both are empty. It has no gradient.

    Axis by axis in three buffers: for millions of pairs new memory costs more than the arithmetic.
    """
    low_a, low_b = a[..., :2].detach().unsqueeze(-2), b[..., :2].detach().unsqueeze(-3)
    high_a, high_b = a[..., 2:].detach().unsqueeze(-2), b[..., 2:].detach().unsqueeze(-3)
    spare = torch.maximum(low_a[..., 0], low_b[..., 0])
    overlap = torch.minimum(high_a[..., 0], high_b[..., 0]).sub_(spare).clamp_(min=0)
    height = torch.minimum(high_a[..., 1], high_b[..., 1])
    overlap.mul_(height.sub_(torch.maximum(low_a[..., 1], low_b[..., 1], out=spare)).clamp_(min=0))
    area_a, area_b = area(a.detach()).unsqueeze(-1), area(b.detach()).unsqueeze(-2)
    union = torch.add(area_a, area_b, out=spare).sub_(overlap)
    return overlap.div_(union.add_(eps))
