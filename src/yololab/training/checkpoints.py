"""last.ckpt after every epoch, every few minutes, and when the run is asked to stop; every file whole or not at all."""

from __future__ import annotations

import pickle
import time
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.plugins.io import TorchCheckpointIO

from yololab.errors import YololabError
from yololab.files import whole_file
from yololab.training.stop import StopRequest

MINUTE = 60.0


class WholeCheckpoints(TorchCheckpointIO):
    """Writes through a synced temporary neighbour, so that a kill or a full disk leaves the checkpoint before."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None) -> None:
        """Save, or raise YololabError that names the file and the reason."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with whole_file(path) as temporary:
                torch.save(checkpoint, temporary)
        except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
            raise YololabError(
                f"{path}: the checkpoint cannot be written ({str(error).splitlines()[0]}); make room, then the same "
                "command continues from the checkpoint before"
            ) from error


class LastCheckpoint(Callback):
    """Saves `path` and, where `stop` was asked for, ends training right after; comes after EpochRows.

    Raises what `stop` raises, or ends training at the end of an epoch. A request during validation is heard after it.
    """

    def __init__(self, path: Path, minutes: float | None, stop: StopRequest) -> None:
        self.path, self.minutes, self.stop = path, minutes, stop
        self._saved = time.monotonic()

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Start the clock; from here on a request to stop waits for the end of a batch."""
        self._saved = time.monotonic()
        self.stop.defer()

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save in the middle of an epoch; its last batch is left to the epoch's end."""
        if batch_idx + 1 >= trainer.num_training_batches:
            return
        stopping = self._agreed(trainer, self.stop.requested)
        if stopping or self._agreed(trainer, self._is_due()):
            self._save(trainer)
        if stopping:
            self.stop.obey()

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Save after every epoch; a request to stop ends training here, and whoever called `fit` obeys it."""
        self._save(trainer)
        if self._agreed(trainer, self.stop.requested):
            trainer.should_stop = True

    def _is_due(self) -> bool:
        return self.minutes is not None and time.monotonic() - self._saved > self.minutes * MINUTE

    def _save(self, trainer: lightning.Trainer) -> None:
        if self._agreed(trainer, not self.stop.may_save):
            return  # the folder is somebody else's by now
        trainer.save_checkpoint(self.path)
        self._saved = time.monotonic()

    def _agreed(self, trainer: lightning.Trainer, mine: bool) -> bool:
        """Whether any rank says so: all ranks must save and stop at the same batch."""
        if trainer.world_size == 1:
            return mine
        return trainer.strategy.reduce_boolean_decision(mine, all=False)


def is_readable(path: Path) -> bool:
    """Whether a checkpoint file is whole; nothing in it is executed."""
    try:
        torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError):
        return False
    return True
