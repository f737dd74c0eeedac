"""The state of every run of a study, as people and programs are told it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yololab.files import collector_paused
from yololab.run.claim import Watch
from yololab.run.folder import RunFolder, run_folders
from yololab.run.status import State, Status
from yololab.study.registration import entries_of
from yololab.sweep.launch.overview import RunProgress


def states_of(study: Path, watch: Watch) -> list[dict[str, Any]]:
    """A dictionary per run, in the order in which they were planned, those that no plan names last."""
    order = [run["id"] for entry in entries_of(study) for run in entry["runs"]]
    place = {name: index for index, name in reversed(list(enumerate(order)))}
    folders = sorted(run_folders(study), key=lambda folder: (place.get(folder.name, len(order)), folder.name))
    with collector_paused():
        return [_state_of(folder, watch) for folder in folders]


def progress_of(state: dict[str, Any]) -> RunProgress:
    """How far a run is, of its dictionary."""
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
