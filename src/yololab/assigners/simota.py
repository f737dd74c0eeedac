"""SimOTA: for each box the k points of lowest cost, k estimated from overlaps (YOLOX, arXiv:2107.08430, sec. 2.1).

cost = BCE(score, one-hot label) + iou_weight * (-log IoU) + penalty where a point is not well placed.
`in_box=True` is YOLOv6 0.1.0: candidates lie in a box or within `radius` strides of a centre, well placed is both, for
the same box. `in_box=False` is YOLOX: candidates lie within `radius` strides of a centre, well placed is that too.
k = max(1, floor(sum of the `top_candidates` highest IoUs)), never more than there are candidates. A point that several
boxes claim goes to the one of lowest cost.
"""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.assigners.base import Assigner, inside_boxes
from yololab.ops.boxes import pairwise_iou
from yololab.structures import Assignment, Predictions, Targets


class SimOTA(Assigner):
    """Simplified optimal-transport assigner."""

    def __init__(
        self,
        radius: float = 2.5,
        in_box: bool = True,
        penalty: float = 1e5,
        iou_weight: float = 3.0,
        class_weight: float = 1.0,
        top_candidates: int = 10,
    ) -> None:
        self.radius, self.in_box, self.penalty = radius, in_box, penalty
        self.iou_weight, self.class_weight, self.top_candidates = iou_weight, class_weight, top_candidates

    def assign(self, predictions: Predictions, targets: Targets) -> Assignment:
        """Assign a batch that has at least one box."""
        candidate, well_placed = self._places(predictions, targets)
        allowed = candidate.unsqueeze(1) & targets.valid.unsqueeze(-1)  # (B, M, N)
        overlaps = pairwise_iou(targets.boxes_xyxy, predictions.boxes_xyxy) * allowed
        cost = self.class_weight * _class_cost(predictions, targets)
        cost = cost - self.iou_weight * torch.log(overlaps + 1e-8) + self.penalty * ~well_placed
        cost = cost.masked_fill(~allowed, torch.inf)
        claimed = self._cheapest_points(cost, overlaps, allowed)
        contested = claimed.sum(dim=1, keepdim=True) > 1
        cheapest = torch.zeros_like(claimed).scatter_(1, cost.argmin(dim=1, keepdim=True), True)
        claimed = torch.where(contested, cheapest, claimed)
        positive = claimed.any(dim=1)
        quality = (overlaps * claimed).amax(dim=1)
        return Assignment(positive, claimed.int().argmax(dim=1), quality, positive.float())

    def _places(self, predictions: Predictions, targets: Targets) -> tuple[Tensor, Tensor]:
        """Candidates (B, N) for any box; well placed (B, M, N) for each."""
        valid = targets.valid.unsqueeze(-1)
        centers = (targets.boxes_xyxy[..., :2] + targets.boxes_xyxy[..., 2:]) / 2
        offset = (predictions.points - centers.unsqueeze(2)).abs().amax(dim=-1)  # (B, M, N)
        near_center = (offset < self.radius * predictions.strides) & valid
        if not self.in_box:
            return near_center.any(dim=1), near_center
        inside = inside_boxes(predictions.points, targets.boxes_xyxy) & valid
        return (inside | near_center).any(dim=1), inside & near_center

    def _cheapest_points(self, cost: Tensor, overlaps: Tensor, allowed: Tensor) -> Tensor:
        count = min(self.top_candidates, cost.shape[-1])
        wanted = overlaps.topk(count, dim=-1).values.sum(dim=-1).int().clamp(min=1)  # (B, M)
        wanted = torch.minimum(wanted, allowed.sum(dim=-1))
        order = cost.topk(count, dim=-1, largest=False).indices  # (B, M, count): wanted never exceeds count
        chosen = torch.arange(count, device=cost.device) < wanted.unsqueeze(-1)
        return torch.zeros_like(allowed).scatter_(-1, order, chosen)


def _class_cost(predictions: Predictions, targets: Targets) -> Tensor:
    """Binary cross-entropy, summed over the classes, of every point against the one-hot label of every box: (B, M, N).

    The probability is sqrt(class * objectness) where objectness is predicted, else the class probability.
    """
    probabilities = predictions.class_logits.sigmoid()
    if predictions.objectness_logits is not None:
        probabilities = (probabilities * predictions.objectness_logits.sigmoid().unsqueeze(-1)).sqrt()
    miss = -torch.log(probabilities).clamp(min=-100)  # (B, N, C)
    false_alarm = -torch.log1p(-probabilities).clamp(min=-100)
    index = targets.labels.clamp(min=0).unsqueeze(1).expand(-1, probabilities.shape[1], -1)  # (B, N, M)
    change = (miss - false_alarm).gather(2, index)
    return (false_alarm.sum(dim=-1, keepdim=True) + change).transpose(1, 2)
