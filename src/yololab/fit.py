"""Training a prepared run with Lightning: trainer, callbacks, where it continues, what it came to."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.plugins.environments import LightningEnvironment, SLURMEnvironment
from lightning.pytorch.utilities.rank_zero import rank_zero_only
from omegaconf import OmegaConf
from rich.console import Console

from yololab.metrics.coco_metric import Evaluation
from yololab.prepare import Prepared, make_loaders, make_module
from yololab.study.pruning import make_pruner
from yololab.study.session import Session
from yololab.trackers.wandb_tracker import WandbTracker
from yololab.training.callbacks import EpochLines, EpochRows, Progress, PruneWhenHopeless, QuietProgressBar
from yololab.training.checkpoints import LastCheckpoint, WholeCheckpoints, is_readable
from yololab.training.stop import StopRequest

console = Console()


@dataclass(frozen=True)
class Outcome:
    """What training came to."""

    evaluation: Evaluation
    pruned: dict[str, Any] | None
    git: dict[str, Any] = field(default_factory=dict)
    """State of the code when the run began"""


def is_first_rank() -> bool:
    """Whether this process writes: ranks of a distributed run share one folder."""
    return rank_zero_only.rank == 0


def fit(
    prepared: Prepared, rows: EpochRows, tracker: WandbTracker | None, stop: StopRequest, session: Session | None
) -> Outcome:
    """Fit, and evaluate the last epoch's averaged weights."""
    module = make_module(prepared)
    prune = PruneWhenHopeless(make_pruner(prepared.cfg.study.prune, prepared.folder))
    trainer = _make_trainer(prepared, [rows, prune], tracker, stop, session)
    train_loader, val_loader = make_loaders(prepared, trainer.world_size, trainer.global_rank)
    trainer.fit(module, train_loader, val_loader, ckpt_path=_resume_from(prepared))
    if stop.requested and not prune.pruned and trainer.current_epoch < prepared.cfg.recipe.epochs:
        stop.obey()
    if not prune.pruned and module.evaluated_epoch != prepared.cfg.recipe.epochs - 1:
        trainer.validate(module, val_loader, verbose=False)  # the last epoch counts, whatever `every` says
    assert module.evaluation is not None
    return Outcome(module.evaluation, {"epochs": len(rows.rows), "by": prune.by} if prune.pruned else None)


def _make_trainer(
    prepared: Prepared,
    callbacks: list[Callback],
    tracker: WandbTracker | None,
    stop: StopRequest,
    session: Session | None,
) -> lightning.Trainer:
    cfg, folder = prepared.cfg, prepared.folder
    recipe = cfg.recipe
    rows = callbacks[0]
    assert isinstance(rows, EpochRows)
    callbacks = [
        *callbacks,
        LastCheckpoint(folder.last_checkpoint, cfg.checkpoint.minutes, stop),
        ModelCheckpoint(folder.checkpoints, "best", monitor="val/mAP", mode="max", enable_version_counter=False),
    ]
    if session is not None:
        callbacks += [Progress(rows, session.progress)]
    if cfg.runtime.progress:
        callbacks += [EpochLines(rows, prepared.run_id)]
    bars = cfg.runtime.progress and console.is_terminal
    if bars:
        callbacks += [QuietProgressBar(leave=False)]
    trainer_options: dict[str, Any] = OmegaConf.to_container(cfg.trainer)  # type: ignore[assignment]
    return lightning.Trainer(
        **trainer_options,
        max_epochs=recipe.epochs,
        precision=recipe.precision,
        accumulate_grad_batches=recipe.accumulate,
        gradient_clip_val=recipe.clip_norm,
        check_val_every_n_epoch=min(recipe.evaluation.every, recipe.epochs),
        num_sanity_val_steps=0,
        callbacks=callbacks,
        plugins=[WholeCheckpoints(), *_cluster()],
        logger=tracker.logger if tracker else False,
        enable_progress_bar=bars,
        enable_model_summary=False,
        use_distributed_sampler=False,
        log_every_n_steps=10,
        default_root_dir=folder.path,
    )


def _cluster() -> list[Any]:
    """Inside a SLURM job a cell is still one tree of processes, and yololab itself answers SLURM's signals."""
    if "SLURM_JOB_ID" not in os.environ:
        return []
    tasks = int(os.environ.get("SLURM_NTASKS", "1"))
    return [SLURMEnvironment(auto_requeue=False) if tasks > 1 else LightningEnvironment()]


def _resume_from(prepared: Prepared) -> str | None:
    """The checkpoint to continue from: this run's last where it was cut off, else the one asked for."""
    asked, last = prepared.cfg.ckpt_path, prepared.folder.last_checkpoint
    if last.is_file():
        if is_readable(last):
            console.print(f"{prepared.run_id} continues from {last}", soft_wrap=True)
            return str(last)
        if is_first_rank():
            last.replace(last.with_suffix(".damaged"))
        console.print(f"{last} is damaged; {prepared.run_id} starts from the beginning", soft_wrap=True)
    if asked == "last":
        console.print(f"{prepared.run_id} has no checkpoint yet; it starts from the beginning")
        return None
    return asked
