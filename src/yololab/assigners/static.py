"""Static: YOLOv5's shape matching and cross-grid neighbours, in an anchor-free form; it never looks at predictions.

A level of stride s stands for boxes of side a = `anchor_strides` * s. A box (w, h) is learnt at every level where
max(w/a, a/w, h/a, a/h) < `max_ratio`; where there is none, at the level whose a is nearest to sqrt(wh) in logarithm.
At a level, with the centre at (x, y) = centre / s, the cell (floor x, floor y) is positive, and so are its two nearest
neighbours: the left one where frac(x) < 0.5, else the right one; the upper one where frac(y) < 0.5, else the lower one.
Neighbours outside the grid do not exist. A point that several boxes claim goes to the smallest, then to the first.

The class target is the present IoU of the point's box, as YOLOv5's objectness target is.
"""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.assigners.base import Assigner, gather_boxes
from yololab.ops.overlap import iou
from yololab.structures import Assignment, Predictions, Targets


class Static(Assigner):
    """Assignment by size and place alone."""

    def __init__(self, anchor_strides: float = 4.0, max_ratio: float = 4.0) -> None:
        self.anchor_strides, self.max_ratio = anchor_strides, max_ratio

    def assign(self, predictions: Predictions, targets: Targets) -> Assignment:
        """Assign a batch that has at least one box."""
        grid = _Grid(predictions)
        point_index, exists = self._claims(grid, targets)  # (B, M, L * 3)
        _, num_boxes, claims = point_index.shape
        box_area = (targets.boxes_xyxy[..., 2:] - targets.boxes_xyxy[..., :2]).prod(dim=-1)
        rank = _rank(box_area).unsqueeze(-1).expand(-1, -1, claims)  # smaller boxes first; equal ones in order
        rank = rank.masked_fill(~exists, num_boxes)
        winner = _lowest_per_point(point_index.flatten(1), rank.flatten(1), grid.num_points, num_boxes)
        positive = winner < num_boxes
        by_rank = _rank(box_area).argsort(dim=1)  # the box that holds each rank
        box_index = by_rank.gather(1, winner.clamp(max=num_boxes - 1)) * positive
        overlap = iou(predictions.boxes_xyxy, gather_boxes(targets.boxes_xyxy, box_index)).clamp(min=0)
        return Assignment(positive, box_index, overlap * positive, positive.float())

    def _claims(self, grid: _Grid, targets: Targets) -> tuple[Tensor, Tensor]:
        """Index of the points that each box claims, and which of these claims exist: (B, M, L * 3)."""
        size = (targets.boxes_xyxy[..., 2:] - targets.boxes_xyxy[..., :2]).clamp(min=1e-6).unsqueeze(2)
        center = (targets.boxes_xyxy[..., :2] + targets.boxes_xyxy[..., 2:]).unsqueeze(2) / 2  # (B, M, 1, 2)
        at_level = self._levels(size, grid) & targets.valid.unsqueeze(-1)  # (B, M, L)
        place = center / grid.strides[:, None]  # (B, M, L, 2)
        cell = place.floor()
        step = torch.where(place - cell < 0.5, -1.0, 1.0)
        horizontal = cell + step * torch.tensor([1.0, 0.0], device=step.device)
        vertical = cell + step * torch.tensor([0.0, 1.0], device=step.device)
        cells = torch.stack((cell, horizontal, vertical), dim=3).long()  # (B, M, L, 3, 2)
        x, y = cells.unbind(-1)
        width, height, first = (value[:, None] for value in (grid.widths, grid.heights, grid.first_points))
        exists = at_level.unsqueeze(-1) & (x >= 0) & (y >= 0) & (x < width) & (y < height)
        index = (first + y * width + x).masked_fill(~exists, 0)
        return index.flatten(2), exists.flatten(2)

    def _levels(self, size: Tensor, grid: _Grid) -> Tensor:
        """Whether each box is learnt at each level: (B, M, L)."""
        side = self.anchor_strides * grid.strides[:, None]
        ratio = torch.maximum(size / side, side / size).amax(dim=-1)  # (B, M, L)
        fits = ratio < self.max_ratio
        distance = (size.log().mean(dim=-1) - side.squeeze(-1).log()).abs()
        nearest = torch.zeros_like(fits).scatter_(-1, distance.argmin(dim=-1, keepdim=True), True)
        return torch.where(fits.any(dim=-1, keepdim=True), fits, nearest)


class _Grid:
    """Widths, heights, strides and first point of every level, read back from the points."""

    def __init__(self, predictions: Predictions) -> None:
        points, strides = predictions.points, predictions.strides
        self.num_points = points.shape[0]
        self.strides, counts = strides.unique_consecutive(return_counts=True)
        self.first_points = counts.cumsum(0) - counts
        last = points[self.first_points + counts - 1]  # centre of the last cell of each level
        self.widths = (last[:, 0] / self.strides + 0.5).round().long()
        self.heights = (last[:, 1] / self.strides + 0.5).round().long()


def _lowest_per_point(point_index: Tensor, rank: Tensor, num_points: int, none: int) -> Tensor:
    """Lowest rank that claims each point, `none` where nobody does: (B, claims), (B, claims) -> (B, points).

    By sorting, which is deterministic on every device.
    """
    keys = (point_index * (none + 1) + rank).sort(dim=1).values
    points, ranks = keys // (none + 1), keys % (none + 1)
    is_first = torch.ones_like(points, dtype=torch.bool)
    is_first[:, 1:] = points[:, 1:] != points[:, :-1]
    places = torch.where(is_first, points, num_points)  # later claims go to a place that is cut off
    winner = torch.full((len(keys), num_points + 1), none, device=keys.device)
    return winner.scatter(1, places, ranks)[:, :num_points]


def _rank(values: Tensor) -> Tensor:
    """Rank of every value in its row, ties in order of place."""
    return values.argsort(dim=1, stable=True).argsort(dim=1)
