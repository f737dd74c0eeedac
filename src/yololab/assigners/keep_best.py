"""KeepBest: any assigner made one-to-one, each box keeping the best of its points."""

from __future__ import annotations

import torch

from yololab.assigners.base import Assigner, ByEpoch
from yololab.structures import Assignment, Predictions, Targets


class KeepBest(Assigner, ByEpoch):
    """Of what `base` assigns, the point of highest quality of every box; of equal ones the first."""

    def __init__(self, base: Assigner) -> None:
        self.base = base

    def set_epoch(self, epoch: int) -> None:
        """Let `base` know, where it asks."""
        if isinstance(self.base, ByEpoch):
            self.base.set_epoch(epoch)

    def assign(self, predictions: Predictions, targets: Targets) -> Assignment:
        """Assign a batch that has at least one box."""
        found = self.base.assign(predictions, targets)
        image, point = found.positive.nonzero(as_tuple=True)
        boxes = targets.labels.shape[1]
        place = image * boxes + found.box_index[image, point]
        quality = found.quality[image, point]
        best = quality.new_full((len(found.positive) * boxes,), -1.0).scatter_reduce(0, place, quality, "amax")
        order = torch.arange(len(point), device=point.device)
        is_best = quality == best[place]
        first = torch.full_like(best, len(point), dtype=torch.long)
        first = first.scatter_reduce(0, place[is_best], order[is_best], "amin")
        kept = torch.zeros_like(found.positive)
        chosen = first[first < len(point)]
        kept[image[chosen], point[chosen]] = True
        return Assignment(kept, found.box_index * kept, found.quality * kept, found.box_weight * kept)
