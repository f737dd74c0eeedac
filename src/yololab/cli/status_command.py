"""`yololab status`: the state of every run of a study."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from yololab.metrics.names import percent_text
from yololab.run.claim import Watch
from yololab.run.find import find_study
from yololab.run.folder import RunFolder, run_folders
from yololab.run.status import State, Status
from yololab.study.registration import entries_of
from yololab.sweep.duration import duration
from yololab.sweep.launch.overview import Pace, RunProgress
from yololab.terminal import cell, show

WATCH_SECONDS = 2.0
AT_REST = (State.DONE, State.PRUNED, State.FAILED, State.DIVERGED, State.UNREADABLE)


def run(options: argparse.Namespace) -> None:
    """Print the state of every run; with --watch, again and again until all are at rest."""
    study, seen = find_study(options.study), Watch()
    if options.json:
        print(json.dumps([_state_of(folder, seen) for folder in _planned(study)], indent=1))
        return
    if not options.watch:
        show(_status_table(study, [_state_of(folder, seen) for folder in _planned(study)]))
        return
    pace = Pace()
    with Live(refresh_per_second=4) as live:
        while True:
            states = [_state_of(folder, seen) for folder in _planned(study)]
            left = pace.remaining([_progress(state) for state in states], time.monotonic())
            live.update(_status_table(study, states, left))
            if all(state["state"] in AT_REST for state in states):
                return
            time.sleep(WATCH_SECONDS)


def _planned(study: Path) -> list[RunFolder]:
    """Run folders in the order in which they were planned, those that no plan names last."""
    order = [run["id"] for entry in entries_of(study) for run in entry["runs"]]
    place = {name: index for index, name in reversed(list(enumerate(order)))}
    return sorted(run_folders(study), key=lambda folder: (place.get(folder.name, len(order)), folder.name))


def _progress(state: dict[str, Any]) -> RunProgress:
    status = Status(state["state"], epoch=state["epoch"], epochs=state["epochs"])
    return RunProgress(state["run"], "", state["state"], status)


def _state_of(folder: RunFolder, watch: Watch) -> dict[str, Any]:
    holder = watch.holder(folder.path)
    found = folder.status()
    state, overrides = folder.state(running=holder is not None), folder.overrides()
    error = dict(found.error) if found else {}
    if state is State.UNREADABLE:
        error = {"message": folder.damage()}
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


def _status_table(study: Path, states: Sequence[dict[str, Any]], left: float | None = None) -> RenderableType:
    shared = set.intersection(*(set(state["overrides"]) for state in states)) if len(states) > 1 else set()
    table = Table(title=cell(study), title_justify="left")
    for heading in ("run", "overrides", "state", "epochs", "mAP", "by, or why"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "run")
    for state in states:
        label = " ".join(text for text in state["overrides"] if text not in shared)
        score = percent_text(state["mAP"]) if state["mAP"] is not None else ""
        epochs = f"{state['epoch']}/{state['epochs']}" if state["epochs"] else ""
        message = (state["error"].get("message") or "").splitlines() if not state["state"].is_finished else []
        why = state["owner"] or (message[0] if message else "")
        shown = Text(state["state"].value, state["state"].style)
        table.add_row(cell(state["run"]), cell(label), shown, epochs, score, cell(why))
    if left is not None:
        table.caption = f"about {duration(left)} left"
    return table
