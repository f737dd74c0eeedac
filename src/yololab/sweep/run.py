"""A sweep from its command line to its table, by any launcher of Hydra's."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Sequence
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.plugins.launcher import Launcher
from omegaconf import DictConfig
from rich.console import Console

from yololab.study.claim import Watch
from yololab.study.folder import RunFolder
from yololab.sweep.outcome import CellOutcome, SweepFailed, SweepInterrupted, outcomes
from yololab.sweep.plan import Plan, freeze, make_plan
from yololab.sweep.report import print_plan, print_summary

POLL_SECONDS = 2.0
console = Console()


def run_sweep(
    config: DictConfig, arguments: Sequence[str], loader: ConfigLoader, launcher: Launcher, retries: int
) -> Sequence[Any]:
    """Plan, freeze, launch, tell. SweepFailed lists the cells that are not done; plan=true ends after the plan."""
    only_plan = _asks_for_plan(config, arguments)
    warm_up = getattr(launcher, "warm_up", None)
    if warm_up is not None and not only_plan:
        warm_up()
    plan = make_plan(config, arguments, loader)
    if only_plan:
        print_plan(plan)
        return []
    print_summary(plan, console)
    freeze(plan)
    cells = [(cell.label, cell.folder) for cell in plan.runs]
    # Statistics and plots take seconds to import, and cells are being run meanwhile.
    threading.Thread(target=importlib.import_module, args=("yololab.study.print",), daemon=True).start()
    try:
        _launch(cells, launcher, retries)
    finally:
        _tidy(plan)
    return _tell(plan, cells)


def _launch(cells: Sequence[tuple[str, RunFolder]], launcher: Launcher, retries: int) -> None:
    """Hand over what is not done, again where a cluster lost it; folders are the truth, whatever the launcher says."""
    watch = Watch()
    for attempt in range(retries + 1):
        jobs = [_overrides(end.folder) for end in outcomes(cells, watch) if end.state in _due(attempt)]
        if attempt and jobs:
            console.print(f"{len(jobs)} cells were cut off; they go on from their checkpoints")
        if jobs:
            try:
                launcher.launch(jobs, initial_job_idx=0)
            except (SweepInterrupted, KeyboardInterrupt):
                raise
            except Exception as error:  # one lost job makes Ray's and submitit's launchers raise
                reason = (str(error) or type(error).__name__).splitlines()[0]
                console.print(f"the launcher reports: {reason}", markup=False, highlight=False, soft_wrap=True)
        _await_others(cells, watch)


def _due(attempt: int) -> tuple[str, ...]:
    """States that are handed over: at first what failed earlier too, later only what was cut off or never begun."""
    return ("planned", "interrupted") if attempt else ("planned", "interrupted", "failed")


def _await_others(cells: Sequence[tuple[str, RunFolder]], watch: Watch) -> None:
    """Wait for cells that other sweeps or jobs of an earlier controller run."""
    said = False
    while True:
        running = [end for end in outcomes(cells, watch) if end.state == "running"]
        if not running:
            return
        if not said:
            console.print(f"waiting for {len(running)} cells that run elsewhere; Ctrl-C stops the waiting only")
            said = True
        time.sleep(POLL_SECONDS)


def _overrides(folder: RunFolder) -> list[str]:
    # Hydra's own files of a job go where they do not mix with the runs.
    return [f"runtime.cell='{folder.path.absolute()}'"]


def _tell(plan: Plan, cells: Sequence[tuple[str, RunFolder]]) -> Sequence[Any]:
    from yololab.study.print import print_study

    ends: list[CellOutcome] = outcomes(cells)
    for study in plan.studies:
        print_study(study, console)
    if any(end.state != "done" for end in ends):
        raise SweepFailed(ends, plan.studies)
    return [[folder.record() for _, folder in cells]]


def _tidy(plan: Plan) -> None:
    watch = Watch()
    for cell in plan.runs:
        if watch.holder(cell.folder.path) is None:
            cell.folder.tidy()


def _asks_for_plan(config: DictConfig, arguments: Sequence[str]) -> bool:
    """plan=true, wherever it stands."""
    given = [o for o in OverridesParser.create().parse_overrides(list(arguments)) if o.key_or_group == "plan"]
    return bool(given[-1].value()) if given else bool(config.plan)
