"""last.ckpt after every epoch, every few minutes, and when the run is asked to stop; every file whole or not at all."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.plugins.io import TorchCheckpointIO
from lightning.pytorch.trainer.states import TrainerFn
from torch import Tensor

from yololab.detector.digest import append_digest, damage_of
from yololab.detector.tensor_file import read_tensor_file
from yololab.errors import YololabError
from yololab.files import whole_file
from yololab.training.stop import StopRequest

MINUTE = 60.0


RESUMED = {"state_dict", "optimizer_states", "epoch", "global_step", "loops", "pytorch-lightning_version"}
"""What training goes on from"""


class WholeCheckpoints(TorchCheckpointIO):
    """Writes with a digest, through a synced neighbour: a kill or a full disk leaves the checkpoint before."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None) -> None:
        """Save, or raise YololabError that names the file and the reason."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with whole_file(path) as temporary:
                torch.save(checkpoint, temporary)
                append_digest(temporary)
        except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
            raise YololabError(
                f"{path}: the checkpoint cannot be written ({str(error).splitlines()[0]}); make room, then the same "
                "command continues from the checkpoint before"
            ) from error


class LastCheckpoint(Callback):
    """Saves `path` and, where `stop` was asked for, ends training right after; comes after EpochRows.

    Raises what `stop` raises, or ends training at the end of an epoch. A request is heard after the batch under way, in
    training, validation and test; a validation that was cut is run again from its first batch.
    """

    def __init__(self, path: Path, minutes: float | None, stop: StopRequest) -> None:
        self.path, self.minutes, self.stop = path, minutes, stop
        self._saved = time.monotonic()
        self._shared_batches = 0

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

    def on_validation_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Find out how many batches every rank has at least: after those they can agree."""
        self._shared_batches = self._fewest(trainer, int(sum(trainer.num_val_batches)))

    def on_validation_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Where asked to stop, save what was trained, with its validation still to come."""
        if batch_idx >= self._shared_batches or not self._agreed(trainer, self.stop.requested):
            return
        if trainer.state.fn is TrainerFn.FITTING:  # else the last epoch is saved already
            progress = trainer.fit_loop.epoch_loop.val_loop.batch_progress
            progress.reset()  # as in the middle of the first batch, where Lightning goes on with the whole
            progress.increment_ready()
            progress.increment_started()
            self._save(trainer)
        self.stop.obey()

    def on_test_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """As for validation."""
        self._shared_batches = self._fewest(trainer, int(sum(trainer.num_test_batches)))

    def on_test_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Where asked to stop, stop; training is saved already."""
        if batch_idx < self._shared_batches and self._agreed(trainer, self.stop.requested):
            self.stop.obey()

    def _is_due(self) -> bool:
        return self.minutes is not None and time.monotonic() - self._saved > self.minutes * MINUTE

    def _save(self, trainer: lightning.Trainer) -> None:
        if self._agreed(trainer, not self.stop.may_save):
            return  # the folder is somebody else's by now
        trainer.save_checkpoint(self.path)
        self._saved = time.monotonic()

    def _fewest(self, trainer: lightning.Trainer, mine: int) -> int:
        if trainer.world_size == 1:
            return mine
        return int(trainer.strategy.reduce(torch.tensor(mine, device=trainer.strategy.root_device), reduce_op="min"))

    def _agreed(self, trainer: lightning.Trainer, mine: bool) -> bool:
        """Whether any rank says so: all ranks must save and stop at the same batch."""
        if trainer.world_size == 1:
            return mine
        return trainer.strategy.reduce_boolean_decision(mine, all=False)


def read_state(path: Path) -> dict[str, Tensor]:
    """The state dict of a run's checkpoint. YololabError where the file is damaged or is none."""
    try:
        state = read_tensor_file(path)["state_dict"]
    except Exception as error:  # a broken or foreign file can fail anywhere in the unpickler
        raise YololabError(f"{path}: cannot be read as a checkpoint: {error}") from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise YololabError(f"{path}: cannot be read as a checkpoint: it holds no state_dict of tensors")
    return state


def why_not_resumable(path: Path, own: Mapping[str, Tensor]) -> str | None:
    """Why training cannot go on from a file, in a line; None where it can. Nothing in the file is executed.

    `own` is the state of the module that would go on; names and shapes must be its own, and all numbers finite.
    """
    if not path.is_file():
        return "there is no such file"
    damage = damage_of(path)
    if damage is not None:
        return damage
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except Exception as error:  # a broken or foreign file can fail anywhere in the unpickler
        return f"it cannot be read as data ({_plain(error)})"
    if not isinstance(content, Mapping) or not content.keys() >= RESUMED or not isinstance(content["state_dict"], dict):
        return "it is no checkpoint of a run; to start from a model's weights, give it as weights=..."
    waiting = content.get("waiting") or {}
    gradients = waiting.get("gradients") if isinstance(waiting, Mapping) else None
    gradients = {f"gradient of {name}": g for name, g in gradients.items()} if isinstance(gradients, Mapping) else {}
    wrong = _why_not_fitting(content["state_dict"], own) or _why_not_finite(gradients)
    return wrong or _why_no_progress(content, {tensor.shape for tensor in own.values()})


def _why_no_progress(content: Mapping[str, Any], shapes: set[torch.Size]) -> str | None:
    """What keeps training from going on where it stopped, in its counters and its optimizer."""
    for key in ("epoch", "global_step"):
        if type(content[key]) is not int or content[key] < 0:
            return f"{key} is {content[key]!r:.40}, expected a number from 0"
    loops, states = content["loops"], content["optimizer_states"]
    fit_loop = loops.get("fit_loop") if isinstance(loops, Mapping) else None
    if content["global_step"] and not (isinstance(fit_loop, Mapping) and "epoch_progress" in fit_loop):
        return "it does not say how far training was (loops)"
    if not isinstance(states, list) or not all(_is_optimizer_state(state) for state in states):
        return "optimizer_states is no list of states of optimizers"
    if content["global_step"] and not (states and all(state["state"] for state in states)):
        return "its optimizer has forgotten the steps that were taken"
    moments = [
        m for state in states for own in state["state"].values() if isinstance(own, Mapping) for m in own.values()
    ]
    if any(isinstance(m, Tensor) and m.dim() and m.shape not in shapes for m in moments):
        return "its optimizer is of another model"
    return None


def _is_optimizer_state(state: Any) -> bool:
    return isinstance(state, Mapping) and isinstance(state.get("state"), Mapping) and "param_groups" in state


def _why_not_fitting(found: Mapping[str, Any], own: Mapping[str, Tensor]) -> str | None:
    other = [
        key
        for key in {**own, **found}
        if key not in own
        or not isinstance(found.get(key), Tensor)
        or found[key].shape != own[key].shape
        or found[key].is_floating_point() != own[key].is_floating_point()
    ]
    if other:
        return (
            f"it is of another model: {len(other)} tensors are not of this one's names and shapes, {other[0]} first; "
            "to take over what fits, give it as weights=..."
        )
    return _why_not_finite(found)


def _why_not_finite(found: Mapping[str, Any]) -> str | None:
    for key, value in found.items():
        if isinstance(value, Tensor) and (value.layout is not torch.strided or value.is_meta):
            return f"{key} holds no numbers"
    broken = [key for key, value in found.items() if isinstance(value, Tensor) and not torch.isfinite(value).all()]
    return f"{broken[0]} holds NaN or infinite numbers; it is of a run that diverged" if broken else None


def _plain(error: Exception) -> str:
    """The first line of torch's message, without its advice to read the file unsafely."""
    return re.split(r"[\n.]| In PyTorch", str(error))[0][:120] or type(error).__name__
