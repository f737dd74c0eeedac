"""Points of the feature grids of all levels, in one row."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def grid_points(levels: Sequence[Tensor], strides: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Cell centres (N, 2) in pixels and strides (N,), for maps (B, K, H, W), level after level, row after row."""
    points, sizes = [], []
    for feature, stride in zip(levels, strides, strict=True):
        height, width = feature.shape[2:]
        x = torch.arange(width, device=feature.device, dtype=torch.float32) + 0.5
        y = torch.arange(height, device=feature.device, dtype=torch.float32) + 0.5
        grid_y, grid_x = torch.meshgrid(y, x, indexing="ij")
        points.append(torch.stack((grid_x, grid_y), dim=-1).view(-1, 2) * stride)
        sizes.append(torch.full((height * width,), float(stride), device=feature.device))
    return torch.cat(points), torch.cat(sizes)


def flatten_levels(levels: Sequence[Tensor]) -> Tensor:
    """Maps (B, K, H, W) of all levels -> (B, N, K), in the order of `grid_points`."""
    return torch.cat([level.flatten(2) for level in levels], dim=2).transpose(1, 2)
