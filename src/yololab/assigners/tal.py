"""TaskAligned: the points of a box whose score and overlap agree best (TOOD, arXiv:2108.07755, sec. 3.3).

Alignment t = score^alpha * CIoU^beta over the points inside a box; its `top_k` points are positive. The target of a
point is t, scaled per box so that the best point gets the box's best overlap. A point that several boxes claim goes to
the box it overlaps most: `contested_among="containing"` compares the boxes that contain it (ultralytics 8.2), "all"
every box of the image (YOLOv9).
"""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.assigners.base import Assigner, inside_boxes
from yololab.ops.overlap import ciou
from yololab.structures import Assignment, Predictions, Targets

EPS = 1e-9
"""Pixels by which a point must lie inside a box; and what keeps the scaling of a box without any alignment finite."""


class TaskAligned(Assigner):
    """Task-aligned assigner."""

    def __init__(
        self,
        top_k: int = 10,
        alpha: float = 0.5,
        beta: float = 6.0,
        contested_among: str = "containing",
        eps: float = EPS,
    ) -> None:
        if contested_among not in ("containing", "all"):
            raise ValueError(f"assigner.contested_among must be 'containing' or 'all', got {contested_among!r}")
        self.top_k, self.alpha, self.beta = top_k, alpha, beta
        self.contested_among, self.eps = contested_among, eps

    def assign(self, predictions: Predictions, targets: Targets) -> Assignment:
        """Assign a batch that has at least one box."""
        candidate = inside_boxes(predictions.points, targets.boxes_xyxy, EPS) & targets.valid.unsqueeze(-1)  # (B, M, N)
        overlaps = ciou(targets.boxes_xyxy.unsqueeze(2), predictions.boxes_xyxy.unsqueeze(1)).clamp(min=0)
        if self.contested_among == "containing":
            overlaps = overlaps * candidate
        scores = self._scores_of_labels(predictions, targets)
        alignment = scores.pow(self.alpha) * overlaps.pow(self.beta)
        claimed = self._top_points(alignment * candidate) & candidate
        claimed = _settle(claimed, overlaps)
        return self._assignment(claimed, alignment * claimed, overlaps * claimed)

    def _scores_of_labels(self, predictions: Predictions, targets: Targets) -> Tensor:
        """Score of every point for the label of every box: (B, M, N)."""
        scores = predictions.scores.transpose(1, 2)  # (B, C, N)
        index = targets.labels.clamp(min=0).unsqueeze(-1).expand(-1, -1, scores.shape[2])
        return scores.gather(1, index)

    def _top_points(self, alignment: Tensor) -> Tensor:
        count = min(self.top_k, alignment.shape[-1])
        best = alignment.topk(count, dim=-1).indices
        return torch.zeros_like(alignment, dtype=torch.bool).scatter_(-1, best, True)

    def _assignment(self, claimed: Tensor, alignment: Tensor, overlaps: Tensor) -> Assignment:
        best_alignment = alignment.amax(dim=-1, keepdim=True)
        best_overlap = overlaps.amax(dim=-1, keepdim=True)
        quality = (alignment * best_overlap / (best_alignment + self.eps)).amax(dim=1)  # (B, N)
        return Assignment(claimed.any(dim=1), claimed.int().argmax(dim=1), quality, quality)


def _settle(claimed: Tensor, overlaps: Tensor) -> Tensor:
    """Leave every point that several boxes claim to the one of largest overlap. Both (B, M, N)."""
    contested = claimed.sum(dim=1, keepdim=True) > 1
    largest = torch.zeros_like(claimed).scatter_(1, overlaps.argmax(dim=1, keepdim=True), True)
    return torch.where(contested, largest, claimed)
