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
from yololab.assigners.claims import Claims
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
        """Assign a batch that has at least one box. Memory of all pairs is written over instead of made anew."""
        candidate, well_placed = self._places(predictions, targets)
        allowed = candidate.unsqueeze(1) & targets.valid.unsqueeze(-1)  # (B, M, N)
        overlaps = pairwise_iou(targets.boxes_xyxy, predictions.boxes_xyxy).mul_(allowed)
        cost = _class_cost(predictions, targets).mul_(self.class_weight)
        term = torch.add(overlaps, 1e-8).log_()
        cost.sub_(term.mul_(self.iou_weight)).add_(term.copy_(~well_placed), alpha=self.penalty)
        cost.masked_fill_(allowed.logical_not(), torch.inf)
        batch, num_points = candidate.shape
        claims = self._cheapest_points(cost, overlaps, allowed).settled(
            batch, num_points, lambda image, point: cost[image, :, point].argmin(dim=1)
        )
        quality = overlaps[claims.image, claims.box, claims.point]
        return claims.assignment(batch, num_points, quality, torch.ones_like(quality))

    def _places(self, predictions: Predictions, targets: Targets) -> tuple[Tensor, Tensor]:
        """Candidates (B, N) for any box; well placed (B, M, N) for each."""
        valid = targets.valid.unsqueeze(-1)
        centers = (targets.boxes_xyxy[..., :2] + targets.boxes_xyxy[..., 2:]).div_(2).unsqueeze(2)  # (B, M, 1, 2)
        reach = self.radius * predictions.strides
        offset = (predictions.points[:, 0] - centers[..., 0]).abs_()  # (B, M, N)
        near_center = offset < reach
        near_center &= torch.sub(predictions.points[:, 1], centers[..., 1], out=offset).abs_() < reach
        near_center &= valid
        if not self.in_box:
            return _any_box(near_center), near_center
        inside = inside_boxes(predictions.points, targets.boxes_xyxy).logical_and_(valid)
        candidate = _any_box(inside | near_center)
        return candidate, inside.logical_and_(near_center)

    def _cheapest_points(self, cost: Tensor, overlaps: Tensor, allowed: Tensor) -> Claims:
        count = min(self.top_candidates, cost.shape[-1])
        wanted = overlaps.topk(count, dim=-1).values.sum(dim=-1).int().clamp(min=1)  # (B, M)
        order = cost.topk(count, dim=-1, largest=False).indices  # (B, M, count): wanted never exceeds count
        chosen = torch.arange(count, device=cost.device) < wanted.unsqueeze(-1)
        # The cheapest points come first, and those that are not allowed last.
        image, box, rank = (chosen & allowed.gather(-1, order)).nonzero(as_tuple=True)
        return Claims(image, box, order[image, box, rank])


def _any_box(mask: Tensor) -> Tensor:
    """(B, M, N) -> (B, N)."""
    return mask.view(torch.uint8).amax(dim=1).bool()  # a reduction of bytes is faster than one of booleans


def _class_cost(predictions: Predictions, targets: Targets) -> Tensor:
    """Binary cross-entropy, summed over the classes, of every point against the one-hot label of every box: (B, M, N).

    The probability is sqrt(class * objectness) where objectness is predicted, else the class probability.
    """
    probabilities = predictions.class_logits.sigmoid()
    if predictions.objectness_logits is not None:
        probabilities = probabilities.mul_(predictions.objectness_logits.sigmoid().unsqueeze(-1)).sqrt_()
    false_alarm = torch.log1p(-probabilities).clamp_(min=-100).neg_()  # (B, N, C)
    change = probabilities.log_().clamp_(min=-100).neg_().sub_(false_alarm)
    by_class = change.transpose(1, 2).contiguous()  # (B, C, N): a box takes a row
    rows = torch.arange(len(by_class), device=by_class.device).unsqueeze(1)
    return by_class[rows, targets.labels.clamp(min=0)].add_(false_alarm.sum(dim=-1).unsqueeze(1))
