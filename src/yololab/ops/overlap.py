"""IoU and its relatives for boxes at the same place of two broadcasting tensors, with gradients.

All are at most 1 (equal boxes) and finite, with finite gradients, for every pair, empty boxes included. Boxes are
(..., 4) xyxy in one frame; computation is in float32 whatever the autocast says.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

EPS = 1e-7


class Geometry(NamedTuple):
    """Sides of both boxes, their IoU, their centres' offset and their hull."""

    iou: Tensor
    union: Tensor
    size_a: Tensor
    """(..., 2) width and height"""
    size_b: Tensor
    offset: Tensor
    """(..., 2) centre of b minus centre of a"""
    hull: Tensor
    """(..., 2) sides of the smallest box around both"""


def geometry(a: Tensor, b: Tensor, eps: float = EPS) -> Geometry:
    """Measure pairs of boxes."""
    a, b = a.float(), b.float()
    low_a, high_a, low_b, high_b = a[..., :2], a[..., 2:], b[..., :2], b[..., 2:]
    size_a, size_b = high_a - low_a, high_b - low_b
    overlap = (torch.minimum(high_a, high_b) - torch.maximum(low_a, low_b)).clamp(min=0)
    overlap_area = overlap[..., 0] * overlap[..., 1]
    union = size_a[..., 0] * size_a[..., 1] + size_b[..., 0] * size_b[..., 1] - overlap_area + eps
    hull = torch.maximum(high_a, high_b) - torch.minimum(low_a, low_b)
    offset = (low_b + high_b - low_a - high_a) / 2
    return Geometry(overlap_area / union, union, size_a, size_b, offset, hull)


def iou(a: Tensor, b: Tensor, eps: float = EPS) -> Tensor:
    """Intersection over union, in [0, 1]."""
    return geometry(a, b, eps).iou


def giou(a: Tensor, b: Tensor, eps: float = EPS) -> Tensor:
    """IoU minus the share of the hull that neither box covers, in (-1, 1] (arXiv:1902.09630, alg. 1)."""
    g = geometry(a, b, eps)
    hull_area = g.hull[..., 0] * g.hull[..., 1] + eps
    return g.iou - (hull_area - g.union) / hull_area


def diou(a: Tensor, b: Tensor, eps: float = EPS) -> Tensor:
    """IoU minus squared centre distance over squared hull diagonal (arXiv:1911.08287, eq. 7)."""
    g = geometry(a, b, eps)
    return g.iou - center_distance(g, eps)


def ciou(a: Tensor, b: Tensor, eps: float = EPS) -> Tensor:
    """DIoU minus a penalty for differing aspect ratios (arXiv:1911.08287, eq. 8-11)."""
    g = geometry(a, b, eps)
    difference = _angle(g.size_b, eps) - _angle(g.size_a, eps)
    aspect = 4 / math.pi**2 * difference.square()
    with torch.no_grad():
        weight = aspect / (aspect - g.iou + (1 + eps))
    return g.iou - center_distance(g, eps) - weight * aspect


def center_distance(g: Geometry, eps: float = EPS) -> Tensor:
    """Squared distance of the centres over the squared diagonal of the hull, in [0, 1)."""
    return g.offset.square().sum(-1) / (g.hull.square().sum(-1) + eps)


def _angle(size: Tensor, eps: float) -> Tensor:
    return torch.atan(size[..., 0] / (size[..., 1] + eps))
