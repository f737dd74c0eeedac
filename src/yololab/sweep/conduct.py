"""A sweep from its command line to its table, by any launcher of Hydra's."""

from __future__ import annotations

import importlib
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.plugins.launcher import Launcher
from omegaconf import DictConfig
from rich.console import Console

from yololab.config.only_plan import asks_for_plan
from yololab.errors import ConfigError, explain_os_error
from yololab.run.claim import Watch
from yololab.run.folder import RunFolder
from yololab.run.status import State
from yololab.statistics.sequential import FEWEST
from yololab.sweep.outcome import RunOutcome, SweepFailed, SweepInterrupted, outcomes
from yololab.sweep.plan.listing import print_plan, print_summary
from yololab.sweep.plan.planned import Plan
from yololab.sweep.plan.planner import make_plan
from yololab.sweep.plan.register import register_plan
from yololab.terminal import say

POLL_SECONDS = 2.0
console = Console()


def run_sweep(
    config: DictConfig, arguments: Sequence[str], loader: ConfigLoader, launcher: Launcher, retries: int
) -> Sequence[Any]:
    """Plan, freeze, launch, tell. SweepFailed lists the runs that are not done; plan=true ends after the plan.

    With study.seeds=auto, seed by seed until every comparison is decided.
    """
    plan = make_plan(config, arguments, loader)
    if asks_for_plan(config, arguments):
        print_plan(plan)
        return []
    print_summary(plan, console)
    decide_threads = getattr(launcher, "threads", None)
    threads = decide_threads() if decide_threads is not None else None
    if threads is not None and any(run.composed.config["runtime"].get("threads") is None for run in plan.runs):
        say(f"{threads} CPU thread{'s' * (threads > 1)} a run, where nothing else was decided before", console)
    threading.Thread(target=_import_what_comes_last, daemon=True).start()
    ends = _run_plan(plan, launcher, retries, threads)
    study = plan.runs[0].composed.config["study"]
    seeds = FEWEST
    while study["seeds"] == "auto" and _all_finished(ends) and seeds < study["most_seeds"]:
        if _is_decided(plan, seeds):
            break
        seeds += 1
        plan = make_plan(config, arguments, loader, seeds)
        ends = _run_plan(plan, launcher, retries, threads)
    return _tell(plan, getattr(launcher, "reasons", {}))


def _import_what_comes_last() -> None:
    """Statistics, plots and trackers take seconds to import; runs are under way meanwhile."""
    importlib.import_module("yololab.study.output")
    importlib.import_module("yololab.sweep.tracked")


def _run_plan(plan: Plan, launcher: Launcher, retries: int, threads: int | None) -> list[RunOutcome]:
    """Register, freeze and launch; what became of the runs."""
    register_plan(plan)
    plan.freeze(threads)
    runs = [(run.label, run.folder) for run in plan.runs]
    try:
        _launch(runs, launcher, retries)
    finally:
        _tidy(plan)
    return outcomes(runs)


def _all_finished(ends: Sequence[RunOutcome]) -> bool:
    return all(end.state.is_finished for end in ends)


def _is_decided(plan: Plan, seeds: int) -> bool:
    """Whether no study of the plan needs a further seed; says how each stands."""
    from yololab.study.looks import look_at

    looks = [look_at(study, seeds) for study in plan.studies]
    for found in looks:
        say(found.sentence, console)
    if not all(found.comparisons for found in looks):
        raise ConfigError("study.seeds=auto compares rows, and this study has nothing to compare; sweep something")
    return not any(found.open for found in looks)


def _launch(runs: Sequence[tuple[str, RunFolder]], launcher: Launcher, retries: int) -> None:
    """Hand over what is not done, again where a cluster lost it; folders are the truth, whatever the launcher says."""
    watch, handed_over = Watch(leaves_word=True), Counter[Path]()
    due = [end for end in outcomes(runs, watch) if end.state.is_due]  # what failed earlier too
    while True:
        if due:
            handed_over.update(end.folder.path for end in due)
            _hand_over([_overrides(end.folder) for end in due], launcher)
        _await_others(runs, watch)  # whose owner may turn out to be gone
        ends = outcomes(runs, watch, getattr(launcher, "reasons", {}))
        cut_off = [end for end in ends if end.state.is_cut_off and not end.told]
        due = [end for end in cut_off if handed_over[end.folder.path] <= retries]
        if not due:
            return
        say(f"{len(due)} runs were cut off; they go on from their checkpoints", console)


def _hand_over(jobs: list[list[str]], launcher: Launcher) -> None:
    try:
        launcher.launch(jobs, initial_job_idx=0)
    except (SweepInterrupted, KeyboardInterrupt):
        raise
    except Exception as error:  # one lost job makes Ray's and submitit's launchers raise
        reason = (str(error) or type(error).__name__).splitlines()[0]
        say(f"the launcher reports: {reason}", console)


def _await_others(runs: Sequence[tuple[str, RunFolder]], watch: Watch) -> None:
    """Wait for runs that other sweeps or jobs of an earlier controller run."""
    said = False
    while True:
        running = [end for end in outcomes(runs, watch) if end.state is State.RUNNING]
        if not running:
            return
        if not said:
            say(f"waiting for {len(running)} runs under way elsewhere; Ctrl-C stops the waiting only", console)
            said = True
        time.sleep(POLL_SECONDS)


def _overrides(folder: RunFolder) -> list[str]:
    # Hydra's own files of a job go where they do not mix with the runs.
    return [f"runtime.folder='{folder.path.absolute()}'"]


def _tell(plan: Plan, reasons: Mapping[Path, str]) -> Sequence[Any]:
    from yololab.study.output import print_study
    from yololab.sweep.tracked import tell_tracker

    runs = [(run.label, run.folder) for run in plan.runs]
    ends = outcomes(runs, reasons=reasons)
    failed = None if _all_finished(ends) else SweepFailed(ends, plan.studies)
    try:
        for study in plan.studies:
            table = print_study(study, console)
            if table is not None:
                tell_tracker(plan, study, table)
    except OSError as error:  # of a full disk, which must not hide why runs failed
        if failed is None:
            raise
        say(explain_os_error(error) or str(error), console)
    if failed is not None:
        raise failed
    return [[folder.record() for _, folder in runs]]


def _tidy(plan: Plan) -> None:
    watch = Watch()
    for run in plan.runs:
        if watch.holder(run.folder.path) is None:
            run.folder.tidy()
