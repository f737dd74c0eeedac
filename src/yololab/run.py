"""From a configuration to a finished run: build, fit, evaluate, record."""

from __future__ import annotations

import logging
import time
import warnings
from typing import Any

import lightning
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.utilities.rank_zero import rank_zero_only
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from yololab.config import check
from yololab.errors import ConfigError
from yololab.hardware import git_state, library_versions, machine
from yololab.metrics.coco_eval import PER_CLASS_NAMES
from yololab.metrics.coco_metric import Evaluation
from yololab.pictures import draw_confusion, draw_precision_recall, draw_predictions
from yololab.prepare import Prepared, make_loaders, make_module, prepare
from yololab.study.record import RunRecord, write_text
from yololab.trackers.wandb_tracker import WandbTracker
from yololab.training.callbacks import EpochLines, EpochRows, QuietProgressBar

console = Console()


def run(cfg: DictConfig) -> RunRecord:
    """Run one configuration, or return its record where it is done already.

    Raises ConfigError or DataError before anything is trained; a killed run continues from its last checkpoint.
    """
    _quieten()
    started = time.perf_counter()
    _refuse_distributed_sweep(cfg)
    choices = dict(HydraConfig.get().runtime.choices) if HydraConfig.initialized() else {}
    prepared = prepare(check(cfg), {key: value for key, value in choices.items() if value is not None})
    if cfg.runtime.rerun and is_first_rank():
        prepared.folder.clear()
    done = prepared.folder.record()
    if done is not None:
        console.print(f"{prepared.folder.path} is done; runtime.rerun=true would run it again", soft_wrap=True)
        return done
    return _fit(prepared, started)


def _fit(prepared: Prepared, started: float) -> RunRecord:
    folder, tracker = prepared.folder, None
    try:
        if is_first_rank():
            _open_folder(prepared)
            tracker = _make_tracker(prepared)
        rows = EpochRows(folder.metrics_file)
        evaluation = _train(prepared, rows, tracker)
        return _finish(prepared, evaluation, rows, tracker, time.perf_counter() - started)
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt | SystemExit)
        if is_first_rank():
            reason = {} if interrupted else {"error": f"{type(error).__name__}: {error}"}
            folder.set_status("interrupted" if interrupted else "failed", **reason)
        if tracker is not None:
            tracker.abandon()
        if isinstance(error, SystemExit):  # how Lightning ends after Ctrl-C
            raise KeyboardInterrupt from error
        raise


def _train(prepared: Prepared, rows: EpochRows, tracker: WandbTracker | None) -> Evaluation:
    """Fit, and return the evaluation of the last epoch's averaged weights."""
    module = make_module(prepared)
    trainer = _make_trainer(prepared, rows, tracker)
    train_loader, val_loader = make_loaders(prepared, trainer.world_size, trainer.global_rank)
    trainer.fit(module, train_loader, val_loader, ckpt_path=_resume_from(prepared))
    if module.evaluated_epoch != prepared.cfg.recipe.epochs - 1:
        trainer.validate(module, val_loader, verbose=False)  # the last epoch counts, whatever `every` says
    assert module.evaluation is not None
    return module.evaluation


def is_first_rank() -> bool:
    """Whether this process writes: ranks of a distributed run share one folder."""
    return rank_zero_only.rank == 0


def _open_folder(prepared: Prepared) -> None:
    """Freeze the configuration and say what will run."""
    prepared.folder.prepare(OmegaConf.to_container(prepared.cfg))  # type: ignore[arg-type]
    _report_problems(prepared)
    console.print(_headline(prepared), highlight=False, soft_wrap=True)
    if prepared.transfer is not None:
        console.print(prepared.transfer.summary(), highlight=False, soft_wrap=True)
        write_text(prepared.folder.path / "transfer.json", prepared.transfer.to_json())
    prepared.folder.set_status("running")


def _make_trainer(prepared: Prepared, rows: EpochRows, tracker: WandbTracker | None) -> lightning.Trainer:
    cfg, folder = prepared.cfg, prepared.folder
    recipe = cfg.recipe
    callbacks: list[Callback] = [
        rows,
        ModelCheckpoint(folder.checkpoints, "best", monitor="val/mAP", mode="max", enable_version_counter=False),
        # Lightning's save_last only follows the best one; a resume needs every epoch.
        ModelCheckpoint(folder.checkpoints, "last", save_on_train_epoch_end=True, enable_version_counter=False),
    ]
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
        logger=tracker.logger if tracker else False,
        enable_progress_bar=bars,
        enable_model_summary=False,
        use_distributed_sampler=False,
        log_every_n_steps=10,
        default_root_dir=folder.path,
    )


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
        config={**prepared.science, "choices": dict(prepared.choices)},
    )


def _finish(
    prepared: Prepared, evaluation: Evaluation, rows: EpochRows, tracker: WandbTracker | None, seconds: float
) -> RunRecord:
    record = _make_record(prepared, evaluation, rows, seconds)
    if not is_first_rank():
        return record
    folder, val = prepared.folder, prepared.val
    pictures = draw_predictions(val, evaluation, prepared.cfg.runtime.pictures, folder.path / "predictions")
    draw_precision_recall(evaluation, val.classes, folder.path / "precision_recall.png")
    draw_confusion(evaluation, val.classes, folder.path / "confusion.png")
    path = record.write(folder.path)
    folder.set_status("done")
    if tracker is not None:
        tracker.finish(wandb_summary(record), pictures)
    scores = f"mAP {record.metrics['mAP']:.3f}, mAP50 {record.metrics['mAP50']:.3f}"
    console.print(f"{prepared.run_id} done in {seconds:.0f}s: {scores}; {path}", highlight=False, soft_wrap=True)
    return record


def _make_record(prepared: Prepared, evaluation: Evaluation, rows: EpochRows, seconds: float) -> RunRecord:
    epoch_seconds = [row["seconds"] for row in rows.rows]
    return RunRecord(
        run_id=prepared.run_id,
        study=prepared.cfg.study.name,
        seed=prepared.cfg.seed,
        choices=prepared.choices,
        science=prepared.science,
        data_fingerprint=prepared.fingerprint,
        metrics=evaluation.metrics,
        per_class={
            name: dict(zip(PER_CLASS_NAMES, numbers.tolist(), strict=True))
            for name, numbers in zip(prepared.val.classes, evaluation.result.per_class, strict=True)
        },
        complexity=prepared.complexity.to_dict(),
        curve=list(rows.rows),
        durations={"total": seconds, "epoch": sum(epoch_seconds) / max(len(epoch_seconds), 1)},
        libraries=library_versions(),
        machine=machine(),
        git=git_state(),
        data_problems={"train": prepared.train.problems.counts(), "val": prepared.val.problems.counts()},
    )


def wandb_summary(record: RunRecord) -> dict[str, Any]:
    """What the tracker shows for a finished run."""
    return {
        **record.metrics,
        **{k: v for k, v in record.complexity.items() if k.startswith(("params", "gflops"))},
        "seconds_per_epoch": record.durations["epoch"],
        **{f"AP/{name}": numbers["AP"] for name, numbers in record.per_class.items()},
    }


def _refuse_distributed_sweep(cfg: DictConfig) -> None:
    """Lightning starts ranks by running the command again, which inside a sweep would be the whole sweep."""
    sweeping = HydraConfig.initialized() and HydraConfig.get().mode is RunMode.MULTIRUN
    if sweeping and cfg.trainer.devices not in (1, "1"):
        raise ConfigError(f"trainer.devices={cfg.trainer.devices}: the cells of a sweep run on one device each for now")


def _resume_from(prepared: Prepared) -> str | None:
    """The checkpoint to continue from: the one asked for, else this run's last where it was cut off."""
    asked, last = prepared.cfg.ckpt_path, prepared.folder.last_checkpoint
    if asked not in (None, "last"):
        return asked
    if last.is_file():
        console.print(f"{prepared.run_id} continues from {last}", soft_wrap=True)
        return str(last)
    if asked == "last":
        console.print(f"{prepared.run_id} has no checkpoint yet; it starts from the beginning")
    return None


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
