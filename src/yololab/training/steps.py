"""How batches become optimizer steps: how many enter one, of which optimizer, at which rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.optim import Optimizer

from yololab.detector.patterns import rate_factors
from yololab.training.optimizer import OptimizerConfig, make_optimizer, scaled_weight_decay
from yololab.training.schedule import Schedule

NOMINAL = "nominal"


@dataclass(frozen=True)
class Accumulation:
    """Batches per optimizer step: a fixed number, or "nominal", which fills `nominal_batch` images.

    "nominal" is the rule of YOLOv5 and its heirs: nominal_batch / batch_size batches, rounded, reached along a line
    from 1 over the warm-up. Gradients are summed over the batches of a step; what waits at the end of an epoch enters
    the first step of the next.
    """

    batches: int | str
    batch_size: int
    """Images of a batch, on all devices together"""
    nominal_batch: int

    @property
    def target(self) -> int:
        """Batches per step after the warm-up."""
        if self.batches == NOMINAL:
            return max(round(self.nominal_batch / self.batch_size), 1)
        return int(self.batches)

    def at(self, batch: int, warmup: int) -> int:
        """Batches per step at the batch of this number, counted from the start of training; `warmup` in batches."""
        if self.batches != NOMINAL or batch >= warmup:
            return self.target
        return max(round(1 + (self.nominal_batch / self.batch_size - 1) * batch / warmup), 1)


@dataclass(frozen=True)
class StepConfig:
    """How gradients become steps of which optimizer."""

    optimizer: OptimizerConfig
    """With nothing left open"""
    accumulation: Accumulation
    schedule: Schedule
    clip_norm: float | None
    rate_factors: Mapping[str, float] | None = None
    """Shares of the learning rate by pattern"""

    def optimizer_of(self, detector: nn.Module) -> Optimizer:
        """The optimizer of its trainable parameters; the schedule sets its groups before every batch."""
        config, accumulation = self.optimizer, self.accumulation
        assert config.lr is not None
        assert config.momentum is not None
        images = accumulation.batch_size * accumulation.target
        return make_optimizer(
            detector,
            name=config.name,
            lr=config.lr,
            momentum=config.momentum,
            weight_decay=scaled_weight_decay(config.weight_decay, images, accumulation.nominal_batch),
            factors=rate_factors(detector, self.rate_factors),
        )

    def summary(self) -> dict[str, Any]:
        """What a record keeps of it."""
        rates = {"optimizer": self.optimizer.name, "lr": self.optimizer.lr, "momentum": self.optimizer.momentum}
        return {**rates, "batches_per_step": self.accumulation.target}
