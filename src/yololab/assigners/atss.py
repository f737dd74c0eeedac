"""ATSS: candidates by distance, a threshold per box from their overlaps (arXiv:1912.02424, alg. 1).

Per level the `top_k` points nearest to the box's centre are candidates; each stands for a square of `anchor_strides`
strides. Candidates inside the box whose square overlaps it by at least mean + standard deviation are positive. A point
that several boxes claim goes to the one that its square overlaps most. The class target is the present IoU of the
point's box, as in YOLOv6's warm-up, instead of 1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.assigners.base import Assigner, gather_boxes, inside_boxes
from yololab.ops.boxes import pairwise_iou
from yololab.ops.overlap import iou
from yololab.structures import Assignment, Predictions, Targets


class ATSS(Assigner):
    """Adaptive training sample selection."""

    def __init__(self, top_k: int = 9, anchor_strides: float = 5.0) -> None:
        self.top_k, self.anchor_strides = top_k, anchor_strides

    def assign(self, predictions: Predictions, targets: Targets) -> Assignment:
        """Assign a batch that has at least one box."""
        half = self.anchor_strides * predictions.strides[:, None] / 2
        squares = torch.cat((predictions.points - half, predictions.points + half), dim=-1)
        overlaps = pairwise_iou(targets.boxes_xyxy, squares.expand(targets.boxes_xyxy.shape[0], -1, -1))  # (B, M, N)
        candidate = self._nearest_points(predictions, targets)
        count = candidate.sum(dim=-1, keepdim=True)
        mean = (overlaps * candidate).sum(dim=-1, keepdim=True) / count
        variance = ((overlaps - mean).square() * candidate).sum(dim=-1, keepdim=True) / (count - 1).clamp(min=1)
        inside = inside_boxes(predictions.points, targets.boxes_xyxy)
        claimed = candidate & inside & (overlaps >= mean + variance.sqrt()) & targets.valid.unsqueeze(-1)
        contested = claimed.sum(dim=1, keepdim=True) > 1
        largest = (overlaps * claimed).argmax(dim=1, keepdim=True)
        claimed = torch.where(contested, torch.zeros_like(claimed).scatter_(1, largest, True), claimed)
        positive = claimed.any(dim=1)
        box_index = claimed.int().argmax(dim=1)
        overlap = iou(predictions.boxes_xyxy, gather_boxes(targets.boxes_xyxy, box_index)).clamp(min=0)
        return Assignment(positive, box_index, overlap * positive, positive.float())

    def _nearest_points(self, predictions: Predictions, targets: Targets) -> Tensor:
        """The `top_k` points of every level nearest to each centre: (B, M, N)."""
        centers = (targets.boxes_xyxy[..., :2] + targets.boxes_xyxy[..., 2:]) / 2
        distance = torch.cdist(centers, predictions.points.expand(centers.shape[0], -1, -1))  # (B, M, N)
        chosen = torch.zeros_like(distance, dtype=torch.bool)
        for stride in predictions.strides.unique():
            at_level = predictions.strides == stride
            masked = distance.masked_fill(~at_level, torch.inf)
            nearest = masked.topk(min(self.top_k, int(at_level.sum())), dim=-1, largest=False).indices
            chosen.scatter_(-1, nearest, True)
        return chosen
