"""Patience: training ends where validation has not improved for so many epochs."""

from __future__ import annotations

import math
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback


class Patience(Callback):
    """Ends training after `epochs` epochs without a better val/mAP, on all ranks; None: never.

    An undefined mAP is no better one. What it has seen is in every checkpoint, so a resumed run ends where one that was
    never cut would have.
    """

    def __init__(self, epochs: int | None) -> None:
        self.epochs = epochs
        self.best, self.best_epoch = -math.inf, -1
        self.exhausted = False

    def state_dict(self) -> dict[str, Any]:
        """The best so far, and whether it was enough."""
        return {"best": self.best, "best_epoch": self.best_epoch, "exhausted": self.exhausted}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from there."""
        self.best = float(state_dict["best"])
        self.best_epoch = int(state_dict["best_epoch"])
        self.exhausted = bool(state_dict["exhausted"]) and self.epochs is not None

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Train no further where that was decided before."""
        trainer.should_stop = trainer.should_stop or self.exhausted

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Look at every evaluated epoch but the last."""
        evaluated = getattr(pl_module, "evaluated_epoch", -1) == trainer.current_epoch
        if self.epochs is None or not evaluated or trainer.current_epoch + 1 >= (trainer.max_epochs or 0):
            return
        score = float(trainer.callback_metrics.get("val/mAP", math.nan))
        if score > self.best:
            self.best, self.best_epoch = score, trainer.current_epoch
        if trainer.current_epoch - self.best_epoch >= self.epochs:
            self.exhausted = trainer.should_stop = True
