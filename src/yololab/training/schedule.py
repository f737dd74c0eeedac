"""Learning rate and momentum as functions of the step alone, so that a resumed run continues exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch.optim import Optimizer


@dataclass(frozen=True)
class Schedule:
    """Linear or cosine decay per epoch from `lr` to lr * final_lr, after a linear warm-up per batch.

    During warm-up, biases fall from `warmup_bias_lr` and everything else rises from 0; the momentum of SGD rises from
    `warmup_momentum`, AdamW's betas stay. The warm-up lasts `warmup_epochs`, and at least `warmup_iterations` batches.
    """

    lr: float
    final_lr: float
    kind: str
    epochs: int
    momentum: float
    warmup_epochs: float
    warmup_iterations: int
    warmup_momentum: float
    warmup_bias_lr: float

    def factor(self, epoch: int) -> float:
        """Share of `lr` in this epoch, from 1 to `final_lr`."""
        progress = epoch / self.epochs
        if self.kind == "cosine":
            return self.final_lr + (1 - self.final_lr) * (1 + math.cos(math.pi * progress)) / 2
        return self.final_lr + (1 - self.final_lr) * (1 - progress)

    def warmup_steps(self, batches_per_epoch: int) -> int:
        """Batches of warm-up; none where `warmup_epochs` is 0."""
        if self.warmup_epochs <= 0:
            return 0
        return max(round(self.warmup_epochs * batches_per_epoch), self.warmup_iterations)

    def apply(self, optimizer: Optimizer, batch: int, batches_per_epoch: int) -> None:
        """Set every group for the batch of this number, counted from the start of training; a group's `factor` is its
        share of all rates."""
        target = self.lr * self.factor(batch // batches_per_epoch)
        warmup = self.warmup_steps(batches_per_epoch)
        progress = min(batch / warmup, 1.0) if warmup else 1.0
        momentum = self.warmup_momentum + (self.momentum - self.warmup_momentum) * progress
        for group in optimizer.param_groups:
            start = self.warmup_bias_lr if group["name"] == "biases" else 0.0
            group["lr"] = (start + (target - start) * progress) * group.get("factor", 1.0)
            if "momentum" in group:
                group["momentum"] = momentum
