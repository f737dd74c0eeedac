"""One bar for a run at a terminal: where it is in its epoch, training and validation; it leaves nothing behind."""

from __future__ import annotations

from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class TrainingBar(Callback):
    """Shows "epoch 3/30" with its batches, then its validation's. What is printed on `console` stands above the bar."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            expand=True,
        )
        self._task = self._progress.add_task("starting", total=None)

    def setup(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, stage: str) -> None:
        """Appear."""
        if trainer.is_global_zero:
            self._progress.start()

    def teardown(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, stage: str) -> None:
        """Vanish."""
        self._progress.stop()

    def on_exception(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, exception: BaseException
    ) -> None:
        """Vanish, and give the cursor back."""
        self._progress.stop()

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """A new epoch."""
        self._restart(_epoch(trainer), trainer.num_training_batches)

    def on_train_batch_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        """One batch more."""
        self._progress.advance(self._task)

    def on_validation_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """The epoch's validation."""
        self._restart(f"{_epoch(trainer)} val", sum(trainer.num_val_batches))

    def on_validation_batch_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        """One batch more."""
        self._progress.advance(self._task)

    def on_test_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """The final numbers."""
        self._restart("test", sum(trainer.num_test_batches))

    def on_test_batch_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        """One batch more."""
        self._progress.advance(self._task)

    def _restart(self, description: str, total: float) -> None:
        self._progress.reset(self._task, description=description, total=total)


def _epoch(trainer: lightning.Trainer) -> str:
    last = trainer.max_epochs or 0
    return f"epoch {min(trainer.current_epoch + 1, last)}/{last}"
