"""Who may run a run, here and now: what is done is not run again, what somebody runs is left to them.

Everything that survives a kill is settled here; what a run does once it may is one story in yololab.run.execute.
"""

from __future__ import annotations

import contextlib
import logging
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console

from yololab.config.check import check
from yololab.errors import YololabError
from yololab.files import write_text
from yololab.run.broken_batch import keep_batch, kept_elsewhere
from yololab.run.claim import Watch, latest_claim, take, wait_until_free
from yololab.run.execute import execute
from yololab.run.folder import RunFolder, RunSpec, allowed
from yololab.run.machine_error import in_words
from yololab.run.prepare import Prepared, prepare
from yololab.run.rank_errors import forget_rank_errors, is_lost_peer, note_rank_error, rank_error
from yololab.run.record import RunRecord
from yololab.run.session import Session
from yololab.run.status import State, Status
from yololab.terminal import copied_to, say
from yololab.training.divergence import Diverged, DivergedElsewhere, DivergedSomewhere
from yololab.training.ranks import is_first_rank, wait_for_ranks
from yololab.training.stop import Interrupted, StopRequest

console = Console()


class HeldError(YololabError):
    """Another process runs this run."""


def run(spec: RunSpec) -> RunRecord:
    """Run one checked configuration, or return its record where it is done already.

    Raises ConfigError or DataError before anything is trained, Interrupted where it was asked to stop; a run that was
    cut off continues from its last checkpoint.
    """
    _quieten()
    anew = spec.config["runtime"]["rerun"]
    with StopRequest() as stop:
        prepared = prepare(spec)
        if not anew and prepared.folder.record() is not None and not prepared.folder.is_done_for(spec.config):
            prepared.folder.reopen()
        done = None if anew else _done(prepared.folder)
        return done or _claimed(prepared, stop, anew=anew, keeps_log=True)


def run_planned(folder: RunFolder, is_orphan: Callable[[], bool] = lambda: False) -> RunRecord:
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
        return _claimed(_prepared(folder), stop, is_orphan)


def _prepared(folder: RunFolder) -> Prepared:
    """What the folder holds, prepared; a failure is written into the folder."""
    try:
        spec = folder.spec()
        check(spec.config)
        allowed(spec.config, folder.path)
        prepared = replace(prepare(spec), folder=folder)
        if prepared.run_id != folder.name:
            raise YololabError(
                f"{folder.path}: it would be {prepared.run_id} now, so the data, the weights or yololab have "
                "changed since it was planned; give the sweep's command again to plan anew"
            )
        return prepared
    except YololabError as error:
        _record_failure(folder, error)
        raise
    except OSError:
        raise
    except Exception as error:  # a configuration that nobody has checked can break anything
        told = YololabError(f"{folder.path}: it cannot be prepared ({type(error).__name__}: {error}); plan it again")
        told.__cause__ = error
        _record_failure(folder, told)
        raise told from error


def _done(folder: RunFolder) -> RunRecord | None:
    record = folder.record()
    if record is not None:
        say(f"{folder.path} is done; runtime.rerun=true would run it again", console)
    return record


def _refuse_if_held(folder: RunFolder) -> None:
    watch = Watch(leaves_word=True)
    first = watch.holder(folder.path)
    if first is not None and first.is_gone() is None:
        say(f"{first} has claimed this run; waiting up to a minute for its heartbeat", console)
    holder = wait_until_free(folder.path, watch)
    if holder is not None:
        raise HeldError(f"{folder.path}: {holder} runs it now")


def _claimed(
    prepared: Prepared,
    stop: StopRequest,
    is_orphan: Callable[[], bool] = lambda: False,
    anew: bool = False,
    keeps_log: bool = False,
) -> RunRecord:
    """Claim the folder and run it, forgetting what was run there if `anew`; ranks but the first follow the first.

    With `keeps_log` what is said goes to the folder's log too; a launcher's runs write theirs there anyway.
    """
    folder = prepared.folder
    folder.refuse_links()
    if not is_first_rank():
        return _guarded(prepared, stop, None)
    # Preparing took seconds, in which another process may have begun and even ended. The order matters: whoever claims
    # after `latest` was read makes `take` fail.
    latest = latest_claim(folder.path)
    _refuse_if_held(folder)
    done = None if anew else _done(folder)
    if done is not None:
        return done
    claim = take(folder.path, after=latest)
    if claim is None:
        raise HeldError(f"{folder.path}: another process has just begun to run it")
    if anew:
        folder.clear()
    folder.freeze(prepared.spec)
    forget_rank_errors(folder.path)
    preparation = time.perf_counter() - prepared.started
    log = copied_to(folder.log_file) if keeps_log else contextlib.nullcontext()
    with Session(folder, claim, stop.ask, is_orphan, preparation) as session, log:
        return _guarded(prepared, stop, session)


def _guarded(prepared: Prepared, stop: StopRequest, session: Session | None) -> RunRecord:
    """Execute; however that ends, the folder says so."""
    try:
        return execute(prepared, stop, session)
    except BaseException as raised:
        told = in_words(raised, prepared.config)
        if told is not None:
            told.__cause__ = raised
        error = told or raised
        if session is None or not session.lost:
            _settle(prepared, session, error)
        if isinstance(error, SystemExit):  # how Lightning ends after Ctrl-C
            raise Interrupted("SIGINT") from raised
        if told is not None:
            raise told from raised
        raise


def _settle(prepared: Prepared, session: Session | None, error: BaseException) -> None:
    """Say in the folder how the run ended, the state first; ranks that diverged wait until the batch is kept."""
    folder = prepared.folder.path
    if session is None and not isinstance(error, DivergedSomewhere):
        note_rank_error(folder, error)
    if isinstance(error, DivergedElsewhere):
        wait_for_ranks()
        error = DivergedElsewhere(kept_elsewhere(folder) or str(error))
    if session is not None:
        _leave(session, error)
    if isinstance(error, Diverged):
        with contextlib.suppress(Exception):  # whatever a full disk or a broken batch raise, the run has diverged
            kept = keep_batch(folder, error, prepared.splits.by_name[error.place["split"]])
            say(f"the batch that broke is in {kept}", console)
        wait_for_ranks()


def _leave(session: Session, error: BaseException) -> None:
    """Say in the folder why the run ended, the state first: a full disk may have no room for more."""
    if isinstance(error, Interrupted | KeyboardInterrupt | SystemExit):
        with contextlib.suppress(OSError):
            session.finish(State.INTERRUPTED, message=str(error) or type(error).__name__)
        return
    details = _failure(session.folder, error)
    if is_lost_peer(error):
        details |= rank_error(session.folder.path)
    with contextlib.suppress(OSError):
        session.finish(state_after(error), **details)
    _write_traceback(session.folder, error)


def state_after(error: BaseException) -> State:
    """In which state an error leaves a run."""
    return State.DIVERGED if isinstance(error, DivergedSomewhere) else State.FAILED


def _record_failure(folder: RunFolder, error: BaseException) -> None:
    """Of a run that failed before it could be claimed."""
    with contextlib.suppress(OSError):
        if not is_first_rank() or Watch().holder(folder.path) is not None:
            return
        details = _failure(folder, error)
        before = folder.status() or Status(State.FAILED)
        replace(before, state=State.FAILED, attempt=latest_claim(folder.path), error=details).write(folder.path)
        _write_traceback(folder, error)


def _failure(folder: RunFolder, error: BaseException) -> dict[str, str]:
    return {"class": type(error).__name__, "message": str(error), "traceback": folder.traceback_file.name}


def _write_traceback(folder: RunFolder, error: BaseException) -> None:
    with contextlib.suppress(OSError):
        write_text(folder.traceback_file, "".join(traceback.format_exception(error)))


def _quieten() -> None:
    """Leave out what Lightning and others say that a user need not act on."""
    for name in ("lightning.pytorch", "lightning.fabric", "lightning.pytorch.utilities.rank_zero"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for message in UNHELPFUL:
        warnings.filterwarnings("ignore", message=message)
    warnings.filterwarnings("ignore", category=DeprecationWarning)


UNHELPFUL = (
    ".*does not have many workers.*",
    ".*Checkpoint directory .* exists.*",
    ".*number of training batches.*",
    ".*module\\(s\\) in eval mode.*",  # the moving average
    ".*LeafSpec.*",
    ".*`srun` command is available.*",
)
"""Warnings of libraries that describe what yololab does on purpose"""
