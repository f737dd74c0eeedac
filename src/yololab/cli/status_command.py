"""`yololab status`: the state of every run of a study."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
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
from yololab.run.status import State
from yololab.sweep.duration import duration
from yololab.sweep.launch.overview import Pace
from yololab.sweep.states import progress_of, states_of
from yololab.terminal import cell, show

WATCH_SECONDS = 2.0
MOST_LISTED = 200
"""Runs of a larger study that need nobody are counted instead of listed"""
QUIET = (State.DONE, State.PRUNED, State.PLANNED)
ORDER = {state: place for place, state in enumerate(State)}
AT_REST = (State.DONE, State.PRUNED, State.FAILED, State.DIVERGED, State.UNREADABLE)


def run(options: argparse.Namespace) -> None:
    """Print the state of every run; with --watch, again and again until all are at rest."""
    study, seen = find_study(options.study), Watch()
    if options.json:
        print(json.dumps(states_of(study, seen), indent=1))
        return
    if not options.watch:
        show(_status_table(study, states_of(study, seen), every=options.all))
        return
    pace = Pace()
    with Live(refresh_per_second=4) as live:
        while True:
            states = states_of(study, seen)
            left = pace.remaining([progress_of(state) for state in states], time.monotonic())
            live.update(_status_table(study, states, left, options.all))
            if all(state["state"] in AT_REST for state in states):
                return
            time.sleep(WATCH_SECONDS)


def _status_table(
    study: Path, states: Sequence[dict[str, Any]], left: float | None = None, every: bool = False
) -> RenderableType:
    shared = set.intersection(*(set(state["overrides"]) for state in states)) if len(states) > 1 else set()
    table = Table(title=cell(study), title_justify="left")
    for heading in ("run", "overrides", "state", "epochs", "mAP", "by, or why"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "run")
    listed = states if every else _listed(states)
    for state in listed:
        label = " ".join(text for text in state["overrides"] if text not in shared)
        score = percent_text(state["mAP"]) if state["mAP"] is not None else ""
        epochs = f"{state['epoch']}/{state['epochs']}" if state["epochs"] else ""
        message = (state["error"].get("message") or "").splitlines() if not state["state"].is_finished else []
        why = state["owner"] or (message[0] if message else "")
        shown = Text(state["state"].value, state["state"].style)
        table.add_row(cell(state["run"]), cell(label), shown, epochs, score, cell(why))
    told = [_counted(states, listed)] if len(listed) < len(states) else []
    told += [f"about {duration(left)} left"] if left is not None else []
    table.caption = "; ".join(told) or None
    return table


def _listed(states: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """All of a study of ordinary size; of a larger one, the first of those that somebody should look at."""
    if len(states) <= MOST_LISTED:
        return states
    return [state for state in states if state["state"] not in QUIET][:MOST_LISTED]


def _counted(states: Sequence[dict[str, Any]], listed: Sequence[dict[str, Any]]) -> str:
    counts = Counter(state["state"] for state in states)
    found = ", ".join(f"{count} {state.value}" for state, count in sorted(counts.items(), key=lambda x: ORDER[x[0]]))
    return f"{len(states)} runs: {found}; {len(listed)} listed, all with --all"
