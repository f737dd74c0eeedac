"""DetectionLoss: named terms over an assignment, for any head, any assigner and any box loss.

Which terms there are, the predictions say: `distribution` where the head predicts distance distributions (its DFL),
`distances` where it predicts distances as they are (YOLO26), `objectness` and `l1` where it predicts objectness and
direct centre and size, `masks` where it predicts masks, `semantic` where it has a map of classes in training.
Every term is a sum over the batch divided by the sum of the assignment's box weights (at least 1): the number of
positives for SimOTA and static, the sum of target scores for task alignment. Masks are a mean over the positives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yololab.assigners.base import Assigner, ByEpoch, gather_boxes
from yololab.errors import ConfigError, did_you_mean
from yololab.losses.box import BoxLoss
from yololab.losses.classification import NAMES, weighed_cross_entropy
from yololab.losses.distribution import (
    binary_cross_entropy_sum,
    center_size_targets,
    distribution_focal_loss,
    side_distances,
)
from yololab.losses.mask_loss import mask_loss, semantic_loss
from yololab.structures import Assignment, Predictions, Targets

TERMS = ("box", "classes", "distribution", "distances", "objectness", "l1", "masks", "semantic")


@dataclass(frozen=True)
class LossTerms:
    """The total to minimise and its terms, gains and branch weights applied, before `times_batch`."""

    total: Tensor
    terms: dict[str, Tensor]


class DetectionLoss(nn.Module):
    """Assigns each branch by itself and adds up the weighted terms.

    `gains` weigh the terms (1 where not given), `branch_weights` the branches and `class_weights` the classes of the
    classification term, by label (1 where not given); a branch's weight may be a pair, that of the first and that of
    the last epoch, between which it moves in a line (`set_epoch`). `branch_assigners` are those of branches that do not
    take `assigner`, `classes` names the loss of class probabilities (`yololab.losses.classification`). Terms in
    `last_epochs` count in so many epochs at the end alone, as YOLOX's L1 does. `times_batch` multiplies the total by
    the number of images, as YOLOv8 and YOLOv9 do.
    """

    def __init__(
        self,
        box: BoxLoss,
        assigner: Assigner,
        gains: Mapping[str, float],
        branch_weights: Mapping[str, float | tuple[float, float]] | None = None,
        times_batch: bool = True,
        class_weights: Mapping[int, float] | None = None,
        branch_assigners: Mapping[str, Assigner] | None = None,
        classes: str = "bce",
        last_epochs: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__()
        for key, names in (("gains", gains), ("last_epochs", last_epochs or {})):
            for name in names:
                if name not in TERMS:
                    raise ConfigError(f"loss.{key}: there is no term {name!r}{did_you_mean(name, TERMS)}")
        if classes not in NAMES:
            known = ", ".join(NAMES)
            raise ConfigError(f"loss.classes={classes}: expected one of {known}{did_you_mean(classes, NAMES)}")
        self.box = box
        self.assigner = assigner
        self.gains = dict(gains)
        self.branch_weights = dict(branch_weights or {})
        self.times_batch = times_batch
        self.class_weights = dict(class_weights or {})
        self.branch_assigners = dict(branch_assigners or {})
        self.classes = classes
        self.last_epochs = dict(last_epochs or {})
        self._progress = 0.0
        self._silent: frozenset[str] = frozenset()

    def set_epoch(self, epoch: int, epochs: int) -> None:
        """Weigh branches and terms, and assign, as `epoch` of `epochs`, counted from 0, does."""
        self._progress = min(1.0, epoch / max(1, epochs - 1))
        self._silent = frozenset(name for name, last in self.last_epochs.items() if epoch < epochs - last)
        for assigner in (self.assigner, *self.branch_assigners.values()):
            if isinstance(assigner, ByEpoch):
                assigner.set_epoch(epoch)

    def weight_of(self, branch: str) -> float:
        """The present weight of a branch."""
        weight = self.branch_weights.get(branch, 1.0)
        if not isinstance(weight, tuple):
            return weight
        return weight[0] + (weight[1] - weight[0]) * self._progress

    def forward(self, branches: Mapping[str, Predictions], targets: Targets) -> LossTerms:
        """Predictions of every branch and the batch's targets -> the total and its terms."""
        sums: dict[str, Tensor] = {}
        for name, predictions in branches.items():
            assignment = self.branch_assigners.get(name, self.assigner)(predictions, targets)
            weight = self.weight_of(name)
            for term, value in self.branch_terms(predictions, assignment, targets).items():
                gain = 0.0 if term in self._silent else self.gains.get(term, 1.0)
                weighted = gain * weight * value
                sums[term] = sums[term] + weighted if term in sums else weighted
        total = torch.stack(list(sums.values())).sum()
        batch = targets.labels.shape[0] if self.times_batch else 1
        return LossTerms(total * batch, {name: value.detach() for name, value in sums.items()})

    def branch_terms(self, predictions: Predictions, assignment: Assignment, targets: Targets) -> dict[str, Tensor]:
        """Terms of one branch, without gains."""
        normaliser = assignment.box_weight.sum().clamp(min=1)
        positive = _Positives(predictions, assignment, targets)
        terms = {
            "box": (self.box(positive.boxes_xyxy, positive.target_xyxy) * positive.weight).sum(),
            "classes": _class_term(self.classes, predictions, assignment, targets, self.class_weights),
        }
        if predictions.box_distribution is not None:
            logits = predictions.box_distribution[positive.mask]
            distances = side_distances(positive.points, positive.target_xyxy, positive.strides)
            terms["distribution"] = (distribution_focal_loss(logits, distances) * positive.weight).sum()
        if predictions.side_distances is not None:
            terms["distances"] = (_distance_term(predictions, positive) * positive.weight).sum()
        if predictions.objectness_logits is not None:
            terms["objectness"] = binary_cross_entropy_sum(predictions.objectness_logits, positive.mask.float())
        if predictions.center_size is not None:
            wanted = center_size_targets(positive.points, positive.target_xyxy, positive.strides)
            terms["l1"] = (predictions.center_size[positive.mask].float() - wanted).abs().sum()
        terms = {name: value / normaliser for name, value in terms.items()}
        if predictions.prototypes is not None and targets.masks is not None:
            terms["masks"] = mask_loss(predictions, assignment, targets)
            if predictions.semantic_logits is not None:
                terms["semantic"] = semantic_loss(predictions.semantic_logits, targets)
        return terms


class _Positives:
    """The positive points of a batch, side by side with their boxes."""

    def __init__(self, predictions: Predictions, assignment: Assignment, targets: Targets) -> None:
        self.mask = assignment.positive
        batch = self.mask.shape[0]
        if targets.boxes_xyxy.shape[1]:
            self.target_xyxy = gather_boxes(targets.boxes_xyxy, assignment.box_index)[self.mask]
        else:
            self.target_xyxy = targets.boxes_xyxy.new_zeros(0, 4)
        self.boxes_xyxy = predictions.boxes_xyxy[self.mask].float()
        self.points = predictions.points.expand(batch, -1, -1)[self.mask]
        self.strides = predictions.strides.expand(batch, -1)[self.mask]
        self.weight = assignment.box_weight[self.mask]


def _distance_term(predictions: Predictions, positive: _Positives) -> Tensor:
    """Mean over the four sides of what a distance is off by, as a share of the input's width or height."""
    assert predictions.side_distances is not None
    assert predictions.input_size is not None
    found = predictions.side_distances[positive.mask].float()
    wanted = side_distances(positive.points, positive.target_xyxy, torch.ones_like(positive.strides))
    return ((found - wanted).abs() / found.new_tensor(predictions.input_size * 2)).mean(dim=-1)


def _class_term(
    name: str, predictions: Predictions, assignment: Assignment, targets: Targets, class_weights: Mapping[int, float]
) -> Tensor:
    """Cross-entropy against quality at the assigned class, each class's with its weight; over positives alone where
    objectness is predicted."""
    logits = predictions.class_logits
    wanted = torch.zeros_like(logits, dtype=torch.float32)
    if targets.labels.shape[1]:
        labels = targets.labels.clamp(min=0).gather(1, assignment.box_index)
        wanted.scatter_(2, labels.unsqueeze(-1), (assignment.quality * assignment.positive).unsqueeze(-1))
    if predictions.objectness_logits is not None:
        logits, wanted = logits[assignment.positive], wanted[assignment.positive]
    if name == "bce" and not class_weights:
        return binary_cross_entropy_sum(logits, wanted)
    weights = logits.new_ones(logits.shape[-1], dtype=torch.float32)
    for label, weight in class_weights.items():
        weights[label] = weight
    if name == "bce":
        return binary_cross_entropy_sum(logits, wanted, weights)
    return (weighed_cross_entropy(name, logits, wanted) * weights).sum()
