"""WarmUp: one assigner in the first epochs, another after them (YOLOv6 2.0: ATSS, then task alignment)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yololab.assigners.base import Assigner, ByEpoch
from yololab.config.target import instantiate
from yololab.structures import Assignment, Predictions, Targets


class WarmUp(Assigner, ByEpoch):
    """`first` for `epochs` epochs, then `then`; both as in conf/assigner. Before `set_epoch` it is the first epoch."""

    def __init__(self, first: Mapping[str, Any], then: Mapping[str, Any], epochs: int = 4) -> None:
        if epochs < 0:
            raise ValueError(f"assigner.epochs must be at least 0, got {epochs}")
        self.first = instantiate(first, Assigner, "assigner.first")
        self.then = instantiate(then, Assigner, "assigner.then")
        self.epochs = epochs
        self._present = self.first if epochs else self.then

    def set_epoch(self, epoch: int) -> None:
        """Assign as `epoch`, counted from 0, does."""
        self._present = self.first if epoch < self.epochs else self.then

    def assign(self, predictions: Predictions, targets: Targets) -> Assignment:
        """Assign a batch that has at least one box."""
        return self._present.assign(predictions, targets)
