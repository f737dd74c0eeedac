"""TaskAligned: the points of a box whose score and overlap agree best (TOOD, arXiv:2108.07755, sec. 3.3).

Alignment t = score^alpha * CIoU^beta over the points inside a box; its `top_k` points are positive. The target of a
point is t, scaled per box so that the best point gets the box's best overlap. A point that several boxes claim goes to
the box it overlaps most: `contested_among="containing"` compares the boxes that contain it (ultralytics 8.2), "all"
every box of the image (YOLOv9). Since 8.4 ultralytics lets the sides of a small box count as `least_side` pixels where
it asks which points lie inside, and YOLO26's one-to-one branch keeps the `keep` best of the points that a box still has
once contested ones are settled.
"""

from __future__ import annotations

import torch
from torch import Tensor

from yololab.assigners.base import Assigner, inside_boxes
from yololab.assigners.claims import Claims
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
        least_side: float = 0.0,
        keep: int | None = None,
    ) -> None:
        if contested_among not in ("containing", "all"):
            raise ValueError(f"assigner.contested_among must be 'containing' or 'all', got {contested_among!r}")
        self.top_k, self.alpha, self.beta = top_k, alpha, beta
        self.contested_among, self.eps = contested_among, eps
        self.least_side, self.keep = least_side, keep

    def with_counts(self, top_k: int, keep: int | None) -> TaskAligned:
        """The same assigner with other numbers of points a box."""
        return TaskAligned(top_k, self.alpha, self.beta, self.contested_among, self.eps, self.least_side, keep)

    def assign(self, predictions: Predictions, targets: Targets) -> Assignment:
        """Assign a batch that has at least one box; only pairs whose point lies in the box are compared."""
        asked = enlarged(targets.boxes_xyxy, self.least_side) if self.least_side else targets.boxes_xyxy
        inside = inside_boxes(predictions.points, asked, EPS).logical_and_(targets.valid.unsqueeze(-1))
        batch, _, num_points = inside.shape
        candidates = Claims(*inside.nonzero(as_tuple=True))
        alignment = torch.zeros(inside.shape, device=inside.device)
        alignment[candidates.image, candidates.box, candidates.point] = self._alignment(
            candidates, predictions, targets, _overlaps(candidates, predictions, targets)
        )
        claims = self._claims(alignment, inside).settled(
            batch, num_points, lambda image, point: self._largest(image, point, inside, predictions, targets)
        )
        overlaps = _overlaps(claims, predictions, targets)
        if self.contested_among == "containing":
            overlaps = overlaps * inside[claims.image, claims.box, claims.point]
        aligned = self._alignment(claims, predictions, targets, overlaps)
        if self.keep is not None:
            best = _rank_in_box(aligned, claims, targets.labels.shape) < self.keep
            claims, overlaps, aligned = claims.at(best), overlaps[best], aligned[best]
        best_aligned, best_overlap = (_best_of_box(v, claims, targets.labels.shape) for v in (aligned, overlaps))
        quality = aligned * best_overlap / (best_aligned + self.eps)
        return claims.assignment(batch, num_points, quality)

    def _alignment(self, claims: Claims, predictions: Predictions, targets: Targets, overlaps: Tensor) -> Tensor:
        labels = targets.labels[claims.image, claims.box].clamp(min=0)
        scores = predictions.class_logits[claims.image, claims.point, labels].sigmoid()
        if predictions.objectness_logits is not None:
            scores = scores * predictions.objectness_logits[claims.image, claims.point].sigmoid()
        return scores.pow(self.alpha) * overlaps.pow(self.beta)

    def _claims(self, alignment: Tensor, inside: Tensor) -> Claims:
        """The best points of every box, as far as they lie in it."""
        best = alignment.topk(min(self.top_k, alignment.shape[-1]), dim=-1).indices
        image, box, rank = inside.gather(-1, best).nonzero(as_tuple=True)
        return Claims(image, box, best[image, box, rank])

    def _largest(
        self, image: Tensor, point: Tensor, inside: Tensor, predictions: Predictions, targets: Targets
    ) -> Tensor:
        """The box of largest overlap at each of some points."""
        overlaps = ciou(targets.boxes_xyxy[image], predictions.boxes_xyxy[image, point].unsqueeze(1)).clamp(min=0)
        if self.contested_among == "containing":
            overlaps = overlaps * inside[image, :, point]
        return overlaps.argmax(dim=1)


def _overlaps(claims: Claims, predictions: Predictions, targets: Targets) -> Tensor:
    wanted, found = targets.boxes_xyxy[claims.image, claims.box], predictions.boxes_xyxy[claims.image, claims.point]
    return ciou(wanted, found).clamp(min=0)


def _best_of_box(values: Tensor, claims: Claims, shape: torch.Size) -> Tensor:
    """For every claim, the largest value that any claim of its box has."""
    place = claims.image * shape[1] + claims.box
    best = values.new_zeros(shape[0] * shape[1]).scatter_reduce_(0, place, values, "amax")
    return best[place]


def _rank_in_box(values: Tensor, claims: Claims, shape: torch.Size) -> Tensor:
    """For every claim, how many claims of its box have a larger value; of equal ones the earlier counts as larger."""
    place = claims.image * shape[1] + claims.box
    order = values.argsort(descending=True, stable=True)
    order = order[place[order].argsort(stable=True)]  # by box, the largest first
    grouped = place[order]
    starts = torch.searchsorted(grouped, grouped)
    ranks = torch.empty_like(order)
    ranks[order] = torch.arange(len(order), device=order.device) - starts
    return ranks


def enlarged(boxes_xyxy: Tensor, least_side: float) -> Tensor:
    """Boxes (..., 4) whose sides below `least_side` are brought to it about their centres."""
    low, high = boxes_xyxy.chunk(2, dim=-1)
    centre, reach = (low + high) / 2, (high - low).clamp(min=least_side) / 2
    small = high - low < least_side
    return torch.cat((torch.where(small, centre - reach, low), torch.where(small, centre + reach, high)), dim=-1)
