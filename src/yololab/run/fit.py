"""Training a prepared run with Lightning: trainer, callbacks, where it continues, what it came to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.loggers import Logger
from lightning.pytorch.plugins.environments import LightningEnvironment, SLURMEnvironment
from rich.console import Console

from yololab.errors import ConfigError, YololabError
from yololab.metrics.coco_metric import Evaluation
from yololab.run.live_pictures import LivePictures
from yololab.run.machine_error import in_words
from yololab.run.pictures import PREDICTIONS
from yololab.run.prepare import Prepared, make_eval_loader, make_module, make_train_loader
from yololab.run.provenance import device_name
from yololab.run.pruning import make_pruner
from yololab.run.session import Session
from yololab.terminal import is_screen, say
from yololab.training.bar import TrainingBar
from yololab.training.callbacks import EpochLines, EpochRows, Progress, PruneWhenHopeless
from yololab.training.checkpoints import LastCheckpoint, WholeCheckpoints, why_not_resumable
from yololab.training.patience import Patience
from yololab.training.ranks import is_first_rank
from yololab.training.stop import StopRequest

console = Console()


@dataclass(frozen=True)
class Outcome:
    """What training came to."""

    evaluation: Evaluation
    """Of the split that final numbers come from"""
    validation: Evaluation
    rows: EpochRows
    training: dict[str, Any]
    """What the recipe came to: optimizer, rates, steps"""
    pruned: dict[str, Any] | None
    device: str
    """cpu, or the accelerator's name"""


def fit(
    prepared: Prepared, logger: Logger | Sequence[Logger] | None, stop: StopRequest, session: Session | None
) -> Outcome:
    """Fit, and evaluate the last epoch's averaged weights; without a `session`, as a further rank of one."""
    module = make_module(prepared)
    epochs = prepared.config["recipe"]["epochs"]
    rows = EpochRows(prepared.folder.metrics_file)
    prune = PruneWhenHopeless(make_pruner(prepared.config["study"]["prune"], prepared.folder))
    patience = Patience(prepared.config["recipe"]["patience"])
    trainer = _make_trainer(prepared, [rows, prune, patience, *_callbacks(prepared, rows, stop, session)], logger)
    ranks, splits = (trainer.world_size, trainer.global_rank), prepared.splits
    train_loader, val_loader = make_train_loader(prepared, *ranks), make_eval_loader(prepared, splits.val, *ranks)
    start = _resume_from(prepared, module.state_dict(), len(rows.rows))
    with _explained(start, rows, prepared.config):
        trainer.fit(module, train_loader, val_loader, ckpt_path=start, weights_only=True)
    steps = trainer.global_step
    ended = prune.pruned or patience.exhausted
    if stop.requested and not ended and trainer.current_epoch < epochs:
        stop.obey()
    is_judged = ended or module.evaluated_epoch == epochs - 1
    if not is_judged or "val" not in module.evaluations:  # resumed after its last epoch
        trainer.validate(module, val_loader, verbose=False)  # the last epoch counts, whatever `every` says
    if splits.test is not None:
        trainer.test(module, make_eval_loader(prepared, splits.test, *ranks), verbose=False)
    pruned = {"epochs": len(rows.rows), "by": prune.by} if prune.pruned else None
    found, device = module.evaluations, device_name(trainer.strategy.root_device)
    training = {**module.steps.summary(), "steps": steps}
    if backend := prepared.config["runtime"].get("compile"):
        training["compile"] = backend
    if patience.exhausted:
        training |= {"epochs": len(rows.rows), "best_epoch": patience.best_epoch + 1}
    return Outcome(found[splits.final], found["val"], rows, training, pruned, device)


def _callbacks(prepared: Prepared, rows: EpochRows, stop: StopRequest, session: Session | None) -> list[Callback]:
    """In the order in which they are called; all of them after the epoch's row is written."""
    folder, config = prepared.folder, prepared.config
    found: list[Callback] = [
        LastCheckpoint(folder.last_checkpoint, config["checkpoint"]["minutes"], stop),
        ModelCheckpoint(folder.checkpoints, "best", monitor="val/mAP", mode="max", enable_version_counter=False),
    ]
    if session is not None:
        found += [Progress(rows, session.progress)]
        found += [LivePictures(prepared.splits.val, config["runtime"]["pictures"], folder.path / PREDICTIONS)]
    if config["runtime"]["progress"]:
        found += [EpochLines(rows, prepared.run_id, console)]
        found += [TrainingBar(console)] if is_screen(console) else []
    return found


def _make_trainer(
    prepared: Prepared, callbacks: list[Callback], logger: Logger | Sequence[Logger] | None
) -> lightning.Trainer:
    """ConfigError where this machine has no such device, or the device no such precision."""
    try:
        trainer = _lightning_trainer(prepared, callbacks, logger)
    except MisconfigurationException as error:
        asked = ", ".join(f"trainer.{key}={value}" for key, value in prepared.config["trainer"].items())
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{asked}: {reason}; trainer.accelerator=auto takes what there is") from error
    if prepared.config["recipe"]["precision"] == "16-mixed" and trainer.strategy.root_device.type == "cpu":
        raise ConfigError("recipe.precision=16-mixed needs a GPU; bf16-mixed runs on a CPU too")
    require_determinism(prepared, trainer.strategy.root_device.type)
    return trainer


def require_determinism(prepared: Prepared, device: str) -> None:
    """ConfigError where a node samples between pixels, whose gradient CUDA sums up in any order, and order matters."""
    if device != "cuda" or prepared.config["trainer"].get("deterministic") is not True:
        return
    network = prepared.detector
    found = [node.name for node in network.graph.nodes if any(map(is_unordered, network.node(node.name).modules()))]
    if found:
        raise ConfigError(
            f"{', '.join(found)}: sampling between pixels has no deterministic gradient on a GPU; "
            "trainer.deterministic=warn trains it, with runs that repeat but nearly"
        )


def is_unordered(module: object) -> bool:
    """Whether a module says that CUDA sums its gradients up in any order."""
    return getattr(module, "is_unordered_on_cuda", False) is True


@contextmanager
def _explained(start: str | None, rows: EpochRows, config: Mapping[str, Any]) -> Iterator[None]:
    """ConfigError of what breaks while a checkpoint is restored; errors of the machine and of training stay theirs."""
    try:
        yield
    except Exception as error:
        if start is None or rows.began or isinstance(error, YololabError) or in_words(error, config) is not None:
            raise
        reason = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
        raise ConfigError(f"ckpt_path={start}: training cannot go on from it ({reason:.300})") from error


def _lightning_trainer(
    prepared: Prepared, callbacks: list[Callback], logger: Logger | Sequence[Logger] | None
) -> lightning.Trainer:
    config, recipe = prepared.config, prepared.config["recipe"]
    return lightning.Trainer(
        **config["trainer"],
        max_epochs=recipe["epochs"],
        precision=recipe["precision"],
        check_val_every_n_epoch=min(recipe["evaluation"]["every"], recipe["epochs"]),
        num_sanity_val_steps=0,
        callbacks=callbacks,
        plugins=[WholeCheckpoints(), *_cluster()],
        logger=logger or False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        log_every_n_steps=10,
        default_root_dir=prepared.folder.path,
    )


def _cluster() -> list[Any]:
    """Inside a SLURM job a run is still one tree of processes, and yololab itself answers SLURM's signals."""
    if "SLURM_JOB_ID" not in os.environ:
        return []
    tasks = int(os.environ.get("SLURM_NTASKS", "1"))
    return [SLURMEnvironment(auto_requeue=False) if tasks > 1 else LightningEnvironment()]


def _resume_from(prepared: Prepared, own: Mapping[str, Any], epochs: int) -> str | None:
    """The checkpoint to continue from: this run's last where it was cut off after so many whole epochs, else the one
    that was asked for.

    ConfigError where what was asked for cannot be continued from.
    """
    last, asked, run_id = prepared.folder.last_checkpoint, prepared.config["ckpt_path"], prepared.run_id
    if last.is_file():
        reason = why_not_resumable(last, own)
        if reason is None:
            most = prepared.config["recipe"]["epochs"]
            place = f"in epoch {epochs + 1} of {most}" if epochs < most else "after its last epoch"
            say(f"{run_id} continues {place}, from {last}", console)
            return str(last)
        if is_first_rank():
            last.replace(last.with_suffix(".damaged"))
        say(f"{last} is damaged ({reason}); {run_id} starts from the beginning", console)
    if asked == "last":
        say(f"{run_id} has no checkpoint yet; it starts from the beginning", console)
        return None
    reason = None if asked is None else why_not_resumable(Path(asked), own)
    if reason is not None:
        raise ConfigError(f"ckpt_path={asked}: {reason}")
    return asked
