"""yololab plan, status, retry: sweeps before, during and after."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra import initialize_config_dir
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table

from yololab.config import conf_dir
from yololab.errors import ConfigError, YololabError
from yololab.hydra_errors import explain
from yololab.study.claim import Watch
from yololab.study.folder import RunFolder, run_folders
from yololab.sweep.local import LocalOptions, devices_of, labelled, run_local
from yololab.sweep.outcome import SweepFailed, outcomes
from yololab.sweep.overview import STYLES

WATCH_SECONDS = 2.0
UNFINISHED = ("planned", "failed", "interrupted")


def plan(overrides: Sequence[str], as_json: bool, config_dir: str | None) -> None:
    """Print what a sweep of these overrides would run."""
    from yololab.sweep.report import print_plan

    print_plan(plan_of(overrides, config_dir), as_json)


def plan_of(overrides: Sequence[str], config_dir: str | None = None) -> Any:
    """The plan of a sweep, outside of a Hydra application. ConfigError as the sweep itself would give."""
    from yololab.sweep.axes import split_overrides
    from yololab.sweep.plan import make_plan

    GlobalHydra.instance().clear()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        loader: Any = GlobalHydra.instance().config_loader()
        if config_dir is not None:
            _add_to_search_path(loader, config_dir)
        try:
            for_master, arguments = split_overrides(overrides)
            config = loader.load_configuration("train", for_master, run_mode=RunMode.MULTIRUN)
            return make_plan(config, arguments, loader)
        except Exception as error:
            message = None if isinstance(error, YololabError) else explain(error)
            if message is None:
                raise
            raise ConfigError(message) from error


def _add_to_search_path(loader: Any, config_dir: str) -> None:
    folder = Path(config_dir).absolute()
    if not folder.is_dir():
        raise ConfigError(f"--config-dir {config_dir}: no such folder")
    path: ConfigSearchPath = loader.get_search_path()
    path.append("command-line", f"file://{folder}")
    loader.repository.initialize_sources(path)


def status(study: Path, watch: bool, as_json: bool) -> None:
    """Print the state of every cell; with `watch`, again and again until all are at rest."""
    seen = Watch()
    if as_json:
        print(json.dumps([_state_of(folder, seen) for folder in run_folders(study)], indent=1))
        return
    if not watch:
        Console().print(_status_table(study, [_state_of(folder, seen) for folder in run_folders(study)]))
        return
    with Live(refresh_per_second=4) as live:
        while True:
            states = [_state_of(folder, seen) for folder in run_folders(study)]
            live.update(_status_table(study, states))
            if all(state["state"] in ("done", "failed") for state in states):
                return
            time.sleep(WATCH_SECONDS)


def _state_of(folder: RunFolder, watch: Watch) -> dict[str, Any]:
    holder = watch.holder(folder.path)
    found = folder.status()
    try:
        state: str = folder.state(running=holder is not None)
        overrides = folder.overrides()
        record = folder.record()
        state = "done (pruned)" if record is not None and record.pruned else state
        error = dict(found.error) if found else {}
    except YololabError as reason:  # a damaged file: say so, and go on with the others
        state, overrides, error = "unreadable", [], {"message": str(reason)}
    return {
        "run": folder.name,
        "state": state,
        "overrides": overrides,
        "epoch": found.epoch if found else 0,
        "epochs": found.epochs if found else 0,
        "mAP": found.mAP if found else None,
        "seconds": found.seconds if found else 0.0,
        "attempt": found.attempt if found else 0,
        "owner": str(holder) if holder else None,
        "heartbeat": found.heartbeat if found else None,
        "error": error,
    }


def _status_table(study: Path, states: Sequence[dict[str, Any]]) -> RenderableType:
    shared = set.intersection(*(set(state["overrides"]) for state in states)) if len(states) > 1 else set()
    table = Table(title=f"{study}", title_justify="left")
    for heading in ("run", "cell", "state", "epochs", "mAP", "by, or why"):
        table.add_column(heading, overflow="fold")
    for state in states:
        label = " ".join(text for text in state["overrides"] if text not in shared)
        score = f"{state['mAP']:.3f}" if state["mAP"] is not None else ""
        epochs = f"{state['epoch']}/{state['epochs']}" if state["epochs"] else ""
        message = (state["error"].get("message") or "").splitlines() if state["state"] != "done" else []
        why = state["owner"] or (message[0] if message else "")
        style = STYLES.get(state["state"], "")
        shown = f"[{style}]{state['state']}[/]" if style else state["state"]
        table.add_row(state["run"], label, shown, epochs, score, why)
    return table


def retry(study: Path, failed_only: bool, cells: Sequence[str], jobs: int | None) -> None:
    """Run the cells of a study that are not done. SweepFailed where some are not done in the end."""
    wanted = ("failed",) if failed_only else UNFINISHED
    folders = run_folders(study)
    unknown = set(cells) - {folder.name for folder in folders}
    if unknown:
        raise YololabError(f"{study}: there is no run {', '.join(sorted(unknown))}")
    chosen = [folder for folder in folders if (not cells or folder.name in cells) and _is_due(folder, wanted)]
    if not chosen:
        Console().print(f"{study}: nothing to run again")
        return
    options = LocalOptions(jobs, None, 0, 10.0, None, None, 60.0)
    devices = max(devices_of(folder.frozen().config["trainer"]["devices"]) for folder in chosen)
    named = labelled(chosen)
    run_local(named, options, devices)
    ends = outcomes(named)
    if any(end.state != "done" for end in ends):
        raise SweepFailed(ends, [study])


def _is_due(folder: RunFolder, wanted: Sequence[str]) -> bool:
    """Whether to run a cell again; one that another machine claims is waited for, since only its heartbeat can tell."""
    holder = Watch().holder(folder.path)
    if holder is not None and holder.is_gone() is None:
        return "interrupted" in wanted
    return folder.state(running=holder is not None) in wanted
