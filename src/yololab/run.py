"""From a configuration to a finished run: build, fit, evaluate, record."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import lightning
from hydra.core.hydra_config import HydraConfig
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.plugins.environments import LightningEnvironment, SLURMEnvironment
from lightning.pytorch.utilities.rank_zero import rank_zero_only
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from yololab.errors import ConfigError, YololabError
from yololab.files import write_text
from yololab.hardware import git_state, library_versions, machine, peak_memory
from yololab.metrics.coco_eval import PER_CLASS_NAMES
from yololab.metrics.coco_metric import Evaluation
from yololab.pictures import draw_confusion, draw_precision_recall, draw_predictions
from yololab.prepare import Prepared, make_loaders, make_module, prepare
from yololab.study.claim import Watch, latest_claim, take, wait_until_free
from yololab.study.folder import FrozenCell, RunFolder
from yololab.study.pruning import make_pruner
from yololab.study.record import RunRecord
from yololab.study.session import Session
from yololab.study.status import Status
from yololab.trackers.wandb_tracker import WandbTracker
from yololab.training.callbacks import EpochLines, EpochRows, Progress, PruneWhenHopeless, QuietProgressBar
from yololab.training.checkpoints import LastCheckpoint, WholeCheckpoints, is_readable
from yololab.training.stop import Interrupted, StopRequest
from yololab.weights import content_hash

console = Console()


class HeldError(YololabError):
    """Another process runs this run."""


@dataclass(frozen=True)
class Outcome:
    """What training came to."""

    evaluation: Evaluation
    pruned: dict[str, Any] | None
    git: dict[str, Any] = field(default_factory=dict)
    """State of the code when the run began"""


def run(cfg: DictConfig) -> RunRecord:
    """Run one configuration, or return its record where it is done already.

    Raises ConfigError or DataError before anything is trained, Interrupted where it was asked to stop; a run that was
    cut off continues from its last checkpoint.
    """
    choices, overrides = {}, []
    if HydraConfig.initialized():
        chosen = HydraConfig.get().runtime.choices
        choices = {str(key): str(value) for key, value in chosen.items() if value is not None}
        overrides = list(HydraConfig.get().overrides.task)
    _quieten()
    cell = FrozenCell(OmegaConf.to_container(cfg, resolve=True), choices, overrides)  # type: ignore[arg-type]
    if cfg.plan:
        raise ConfigError("plan=true plans a sweep: add -m, or give the same overrides to yololab plan")
    with StopRequest() as stop:
        prepared = prepare(cell)
        done = _done(prepared.folder) if not cfg.runtime.rerun else None
        return done or _claimed(prepared, stop, anew=cfg.runtime.rerun)


def run_folder(folder: RunFolder, is_orphan: Callable[[], bool] = lambda: False) -> RunRecord:
    """Run what a folder holds, or return its record; `is_orphan` says that whoever started this is gone.

    YololabError where the folder's data or code are no longer those that it was planned with, or somebody runs it.
    """
    _quieten()
    done = _done(folder)
    if done is not None:
        return done
    with StopRequest() as stop:
        if is_first_rank():
            _refuse_if_held(folder)
        try:
            prepared = replace(prepare(folder.frozen()), folder=folder)
            if prepared.run_id != folder.name:
                raise YololabError(
                    f"{folder.path}: it would be {prepared.run_id} now, so the data, the weights or yololab have "
                    "changed since it was planned; give the sweep's command again to plan anew"
                )
        except YololabError as error:
            _record_failure(folder, error)
            raise
        return _claimed(prepared, stop, is_orphan=is_orphan)


def _done(folder: RunFolder) -> RunRecord | None:
    record = folder.record()
    if record is not None:
        console.print(f"{folder.path} is done; runtime.rerun=true would run it again", soft_wrap=True)
    return record


def _refuse_if_held(folder: RunFolder) -> None:
    watch = Watch()
    first = watch.holder(folder.path)
    if first is not None and first.is_gone() is None:
        console.print(f"{first} has claimed this run; waiting up to a minute for its heartbeat", soft_wrap=True)
    holder = wait_until_free(folder.path, watch)
    if holder is not None:
        raise HeldError(f"{folder.path}: {holder} runs it now")


def _claimed(
    prepared: Prepared, stop: StopRequest, is_orphan: Callable[[], bool] = lambda: False, anew: bool = False
) -> RunRecord:
    """Claim the folder and run it, forgetting what was run there if `anew`; ranks but the first follow the first."""
    folder = prepared.folder
    if not is_first_rank():
        return _fit(prepared, stop, None)
    # Preparing took seconds, in which another process may have begun and even ended. The order matters: whoever claims
    # after `latest` was read makes `take` fail.
    latest = latest_claim(folder.path)
    _refuse_if_held(folder)
    done = None if anew else _done(folder)
    if done is not None:
        return done
    claim = take(folder.path, latest)
    if claim is None:
        raise HeldError(f"{folder.path}: another process has just begun to run it")
    if anew:
        folder.clear()
    folder.freeze(prepared.cell)
    preparation = time.perf_counter() - prepared.started
    with Session(folder, claim, stop.ask, is_orphan, preparation) as session:
        return _fit(prepared, stop, session)


def _fit(prepared: Prepared, stop: StopRequest, session: Session | None) -> RunRecord:
    tracker = None
    try:
        git = git_state(prepared.folder.path if session is not None else None)  # as it is before anything is trained
        if session is not None:
            _say_what_runs(prepared)
            tracker = _make_tracker(prepared)
        rows = EpochRows(prepared.folder.metrics_file)
        outcome = _train(prepared, rows, tracker, stop, session)
        return _finish(prepared, replace(outcome, git=git), rows, tracker, session)
    except BaseException as error:
        if session is not None and not session.lost:
            _leave(session, error)
        if tracker is not None:
            tracker.abandon()
        if isinstance(error, SystemExit):  # how Lightning ends after Ctrl-C
            raise Interrupted("SIGINT") from error
        raise


def _leave(session: Session, error: BaseException) -> None:
    """Say in the folder why the run ended; a full disk must not hide the reason."""
    with contextlib.suppress(OSError):
        if isinstance(error, Interrupted | KeyboardInterrupt | SystemExit):
            session.finish("interrupted", message=str(error) or type(error).__name__)
            return
        details = _failure(session.folder, error)
        session.finish("failed", **details)


def _record_failure(folder: RunFolder, error: BaseException) -> None:
    """Of a cell that failed before it could be claimed."""
    with contextlib.suppress(OSError):
        if is_first_rank():
            if Watch().holder(folder.path) is not None:
                return
            details = _failure(folder, error)
            before = folder.status() or Status("failed")
            replace(before, state="failed", attempt=latest_claim(folder.path), error=details).write(folder.path)


def _failure(folder: RunFolder, error: BaseException) -> dict[str, str]:
    write_text(folder.traceback_file, "".join(traceback.format_exception(error)))
    return {"class": type(error).__name__, "message": str(error), "traceback": folder.traceback_file.name}


def _train(
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


def is_first_rank() -> bool:
    """Whether this process writes: ranks of a distributed run share one folder."""
    return rank_zero_only.rank == 0


def _say_what_runs(prepared: Prepared) -> None:
    _report_problems(prepared)
    console.print(_headline(prepared), highlight=False, soft_wrap=True)
    if prepared.transfer is not None:
        console.print(prepared.transfer.summary(), highlight=False, soft_wrap=True)
        write_text(prepared.folder.path / "transfer.json", prepared.transfer.to_json())


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


def _make_tracker(prepared: Prepared) -> WandbTracker | None:
    tracker = prepared.cfg.tracker
    if tracker.name == "none" or tracker.mode == "disabled":
        return None
    return WandbTracker(
        mode=tracker.mode,
        project=tracker.project,
        entity=tracker.entity,
        run_id=prepared.run_id,
        study=prepared.cfg.study.name,
        folder=prepared.folder.path,
        config={**prepared.identity.science, "choices": dict(prepared.cell.choices)},
    )


def _finish(
    prepared: Prepared, outcome: Outcome, rows: EpochRows, tracker: WandbTracker | None, session: Session | None
) -> RunRecord:
    if session is None:
        return _make_record(prepared, outcome, rows, tracker, session)
    if session.lost:
        raise Interrupted("another process took this run over")
    session.closing()
    folder, val, evaluation = prepared.folder, prepared.val, outcome.evaluation
    pictures = draw_predictions(val, evaluation, prepared.cfg.runtime.pictures, folder.path / "predictions")
    draw_precision_recall(evaluation, val.classes, folder.path / "precision_recall.png")
    draw_confusion(evaluation, val.classes, folder.path / "confusion.png")
    record = _make_record(prepared, outcome, rows, tracker, session)
    path = record.write(folder.path)
    session.finish("done")
    if tracker is not None:
        tracker.finish(wandb_summary(record), pictures)
    scores = f"mAP {record.metrics['mAP']:.3f}, mAP50 {record.metrics['mAP50']:.3f}"
    how = f"pruned after {record.pruned['epochs']} epochs" if record.pruned else "done"
    seconds = record.durations["total"]
    console.print(f"{prepared.run_id} {how} in {seconds:.0f}s: {scores}; {path}", highlight=False, soft_wrap=True)
    return record


def _make_record(
    prepared: Prepared, outcome: Outcome, rows: EpochRows, tracker: WandbTracker | None, session: Session | None
) -> RunRecord:
    epoch_seconds = [row["seconds"] for row in rows.rows]
    evaluation, identity = outcome.evaluation, prepared.identity
    return RunRecord(
        run_id=prepared.run_id,
        study=prepared.cfg.study.name,
        seed=prepared.cfg.seed,
        choices=prepared.cell.choices,
        overrides=list(prepared.cell.overrides),
        science=identity.science,
        data_fingerprint=identity.data_fingerprint,
        metrics=evaluation.metrics,
        per_class={
            name: dict(zip(PER_CLASS_NAMES, numbers.tolist(), strict=True))
            for name, numbers in zip(prepared.val.classes, evaluation.result.per_class, strict=True)
        },
        images={"train": len(prepared.train.records), "val": len(prepared.val.records)},
        complexity=prepared.complexity.to_dict(),
        curve=list(rows.rows),
        durations={
            "total": session.seconds if session else sum(epoch_seconds),
            "epoch": sum(epoch_seconds) / max(len(epoch_seconds), 1),
        },
        attempts=session.claim.number if session else 1,
        pruned=outcome.pruned,
        peak_memory=peak_memory(),
        libraries=library_versions(),
        machine=machine(),
        git=outcome.git,
        data_problems={"train": prepared.train.problems.counts(), "val": prepared.val.problems.counts()},
        wandb_id=tracker.run_id if tracker else None,
        checkpoints={path.name: content_hash(str(path)) for path in sorted(prepared.folder.checkpoints.glob("*.ckpt"))},
    )


def wandb_summary(record: RunRecord) -> dict[str, Any]:
    """What the tracker shows for a finished run."""
    return {
        **record.metrics,
        **{k: v for k, v in record.complexity.items() if k.startswith(("params", "gflops"))},
        "seconds_per_epoch": record.durations["epoch"],
        **{f"AP/{name}": numbers["AP"] for name, numbers in record.per_class.items()},
    }


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


def _report_problems(prepared: Prepared) -> None:
    for name, data in (("train", prepared.train), ("val", prepared.val)):
        summary = data.problems.summary(f"data, {name} split")
        if summary:
            console.print(summary, highlight=False, soft_wrap=True)
            write_text(prepared.folder.path / f"data_problems_{name}.json", data.problems.to_json())


def _headline(prepared: Prepared) -> str:
    counts = prepared.complexity
    sizes = f"{len(prepared.train.records)} + {len(prepared.val.records)} images"
    return (
        f"{prepared.run_id} {prepared.detector.graph.name}: {counts.params_train:,} parameters, "
        f"{counts.gflops_train:.3f} GFLOPs at {counts.image_size}; {sizes}; seed {prepared.cfg.seed}; "
        f"{prepared.folder.path}"
    )


def _quieten() -> None:
    """Leave out what Lightning and others say that a user need not act on."""
    for name in ("lightning.pytorch", "lightning.fabric", "lightning.pytorch.utilities.rank_zero"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists.*")
    warnings.filterwarnings("ignore", message=".*number of training batches.*")
    warnings.filterwarnings("ignore", message=".*module\\(s\\) in eval mode.*")  # the moving average
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")
    warnings.filterwarnings("ignore", message=".*`srun` command is available.*")
