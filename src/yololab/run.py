"""From a configuration to a finished run: build, fit, evaluate, record."""

from __future__ import annotations

import contextlib
import logging
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from yololab.errors import ConfigError, YololabError
from yololab.files import write_text
from yololab.fit import Outcome, fit, is_first_rank
from yololab.hardware import git_state
from yololab.pictures import draw_confusion, draw_precision_recall, draw_predictions
from yololab.prepare import Prepared, prepare
from yololab.recording import make_record, wandb_summary
from yololab.study.claim import Watch, latest_claim, take, wait_until_free
from yololab.study.folder import FrozenCell, RunFolder
from yololab.study.record import RunRecord
from yololab.study.session import Session
from yololab.study.status import Status
from yololab.trackers.wandb_tracker import WandbTracker
from yololab.training.callbacks import EpochRows
from yololab.training.stop import Interrupted, StopRequest

console = Console()


class HeldError(YololabError):
    """Another process runs this run."""


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
        outcome = fit(prepared, rows, tracker, stop, session)
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


def _say_what_runs(prepared: Prepared) -> None:
    _report_problems(prepared)
    console.print(_headline(prepared), highlight=False, soft_wrap=True)
    if prepared.transfer is not None:
        console.print(prepared.transfer.summary(), highlight=False, soft_wrap=True)
        write_text(prepared.folder.path / "transfer.json", prepared.transfer.to_json())


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
        return make_record(prepared, outcome, rows, tracker, session)
    if session.lost:
        raise Interrupted("another process took this run over")
    session.closing()
    folder, val, evaluation = prepared.folder, prepared.val, outcome.evaluation
    pictures = draw_predictions(val, evaluation, prepared.cfg.runtime.pictures, folder.path / "predictions")
    draw_precision_recall(evaluation, val.classes, folder.path / "precision_recall.png")
    draw_confusion(evaluation, val.classes, folder.path / "confusion.png")
    record = make_record(prepared, outcome, rows, tracker, session)
    path = record.write(folder.path)
    session.finish("done")
    if tracker is not None:
        tracker.finish(wandb_summary(record), pictures)
    scores = f"mAP {record.metrics['mAP']:.3f}, mAP50 {record.metrics['mAP50']:.3f}"
    how = f"pruned after {record.pruned['epochs']} epochs" if record.pruned else "done"
    seconds = record.durations["total"]
    console.print(f"{prepared.run_id} {how} in {seconds:.0f}s: {scores}; {path}", highlight=False, soft_wrap=True)
    return record


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
