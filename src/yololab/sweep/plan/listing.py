"""A plan as a table for people, a line for the start of a sweep, and JSON for programs."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from yololab.run.status import State
from yololab.study.planning import power_line, spread_of
from yololab.sweep.duration import duration
from yololab.sweep.plan.axes import SEED
from yololab.sweep.plan.estimate import Estimate, Speed, estimate
from yololab.sweep.plan.planned import Plan, PlannedRun
from yololab.terminal import cell, is_screen, say, say_note, show

FILE_WIDTH = 130


def print_plan(plan: Plan, as_json: bool = False) -> None:
    """Print all runs with parameters, GFLOPs, state and estimated time."""
    estimates, speed = estimate(plan)
    if as_json:
        print(json.dumps(plan_to_dict(plan, estimates, speed), indent=1))
        return
    console = Console()
    if not is_screen(console):
        console = Console(width=max(console.width, FILE_WIDTH))
    show(_table(plan, estimates), console)
    print_summary(plan, console)
    total = sum(e.seconds or 0.0 for e in estimates)
    say(f"about {duration(total)} of work on one slot, by {speed.source}", console)


def print_summary(plan: Plan, console: Console) -> None:
    """Counts of runs by state, what a design confounds, what has changed since earlier runs."""
    counts = plan.counts()
    states = ", ".join(f"{counts[state]} {state}" for state in State if state in counts)
    left_out = [f"{plan.excluded} excluded"] * bool(plan.excluded) + [f"{plan.thinned} not in the design"] * bool(
        plan.thinned
    )
    where = ", ".join(str(study) for study in plan.studies)
    runs = f"{len(plan.planned)} run{'s' * (len(plan.planned) > 1)} in {where}: {states}"
    say("; ".join([runs, *left_out]), console)
    if plan.resolution is not None or plan.confounded:
        kind = "fractional design" if plan.resolution is None else f"fractional design of resolution {plan.resolution}"
        say(f"{kind}; these effects cannot be told apart, or only in part:", console)
        for effects in plan.confounded:
            say(f"  {effects}", console)
        if not plan.confounded:
            say("  none among main effects and interactions of two axes", console)
    say(power_of(plan), console)
    for note in plan.notes:
        say_note(note, console)


def power_of(plan: Plan) -> str:
    """What the planned seeds can see, by the spread of what the studies have finished."""
    rows = {text for run in plan.planned for text in [tuple(v for v in run.varied if not v.startswith(f"{SEED}="))]}
    seeds = {run.composed.config["seed"] for run in plan.planned}
    smallest = plan.planned[0].composed.config["study"]["smallest_effect"]
    return power_line(spread_of(plan.studies), len(rows), len(seeds), smallest)


def _table(plan: Plan, estimates: list[Estimate]) -> Table:
    table = Table(title="plan", title_justify="left")
    table.add_column("run")
    table.add_column("overrides", overflow="fold")
    table.add_column("state")
    for heading in ("parameters", "GFLOPs", "time"):
        table.add_column(heading, justify="right")
    for run, found in zip(plan.planned, estimates, strict=True):
        state = Text("the same run" if run.duplicate_of else str(run.state), run.state.style)
        time = duration(found.seconds) if found.seconds else ""
        table.add_row(cell(run.run_id), cell(run.label), state, f"{found.parameters:,}", f"{found.gflops:.3f}", time)
    return table


def plan_to_dict(plan: Plan, estimates: list[Estimate], speed: Speed) -> dict[str, Any]:
    """The plan for a program."""
    return {
        "runs": [_run_to_dict(run, found) for run, found in zip(plan.planned, estimates, strict=True)],
        "counts": {str(state): count for state, count in plan.counts().items()},
        "excluded": plan.excluded,
        "not_in_design": plan.thinned,
        "confounded": list(plan.confounded),
        "resolution": plan.resolution,
        "notes": list(plan.notes),
        "power": power_of(plan),
        "seconds": sum(found.seconds or 0.0 for found in estimates),
        "speed": {"seconds_per_gflop": speed.seconds_per_gflop, "source": speed.source},
    }


def _run_to_dict(run: PlannedRun, found: Estimate) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "study": run.folder.path.parent.name,
        "folder": str(run.folder.path),
        "overrides": list(run.overrides),
        "varied": list(run.varied),
        "state": str(run.state),
        "duplicate_of": run.duplicate_of.run_id if run.duplicate_of else None,
        "seed": run.composed.config["seed"],
        "parameters": found.parameters,
        "gflops": found.gflops,
        "seconds": found.seconds,
    }
