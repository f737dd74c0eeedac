"""A plan as a table for people, a line for the start of a sweep, and JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table

from yololab.sweep.estimate import Estimate, Speed, estimate
from yololab.sweep.overview import STYLES, duration
from yololab.sweep.plan import Plan

FILE_WIDTH = 130
ORDER = ("new", "planned", "interrupted", "failed", "running", "done", "duplicate")


def print_plan(plan: Plan, as_json: bool = False) -> None:
    """Print all cells with parameters, GFLOPs, state and estimated time."""
    estimates, speed = estimate(plan)
    if as_json:
        print(json.dumps(plan_to_dict(plan, estimates, speed), indent=1))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, FILE_WIDTH))
    console.print(_table(plan, estimates))
    print_summary(plan, console)
    total = sum(e.seconds or 0.0 for e in estimates)
    console.print(f"about {duration(total)} of work on one slot, by {speed.source}", highlight=False, soft_wrap=True)


def print_summary(plan: Plan, console: Console) -> None:
    """Counts of cells by state, what a design aliases, what has changed since earlier cells."""
    counts = plan.counts()
    states = ", ".join(f"{counts[state]} {state}" for state in ORDER if counts.get(state))
    left_out = [f"{plan.excluded} excluded"] * bool(plan.excluded) + [f"{plan.thinned} not in the design"] * bool(
        plan.thinned
    )
    where = ", ".join(str(study) for study in plan.studies)
    cells = f"{len(plan.cells)} cell{'s' * (len(plan.cells) > 1)} in {where}: {states}"
    console.print("; ".join([cells, *left_out]), highlight=False, soft_wrap=True)
    if plan.resolution is not None:
        console.print(f"fractional design of resolution {plan.resolution}; these effects cannot be told apart:")
        for alias in plan.aliases:
            console.print(f"  {alias}", highlight=False, soft_wrap=True)
        if not plan.aliases:
            console.print("  none among main effects and interactions of two axes")
    for note in plan.notes:
        console.print(f"[yellow]note:[/yellow] {note}", highlight=False, soft_wrap=True)


def _table(plan: Plan, estimates: list[Estimate]) -> Table:
    table = Table(title="plan", title_justify="left")
    table.add_column("run")
    table.add_column("cell", overflow="fold")
    table.add_column("state")
    for heading in ("parameters", "GFLOPs", "time"):
        table.add_column(heading, justify="right")
    for cell, found in zip(plan.cells, estimates, strict=True):
        state = "the same run" if cell.duplicate_of else cell.state
        style = STYLES.get(cell.state, "")
        time = duration(found.seconds) if found.seconds else ""
        row = (cell.run_id, cell.label, f"[{style}]{state}[/]" if style else state)
        table.add_row(*row, f"{found.parameters:,}", f"{found.gflops:.3f}", time)
    return table


def plan_to_dict(plan: Plan, estimates: list[Estimate], speed: Speed) -> dict[str, Any]:
    """The plan for a program."""
    return {
        "cells": [
            {
                "run_id": cell.run_id,
                "study": cell.folder.path.parent.name,
                "folder": str(cell.folder.path),
                "overrides": list(cell.overrides),
                "varied": list(cell.varied),
                "state": cell.state,
                "duplicate_of": cell.duplicate_of.run_id if cell.duplicate_of else None,
                "seed": cell.composed.content["seed"],
                "parameters": found.parameters,
                "gflops": found.gflops,
                "seconds": found.seconds,
            }
            for cell, found in zip(plan.cells, estimates, strict=True)
        ],
        "counts": dict(Counter(plan.counts())),
        "excluded": plan.excluded,
        "not_in_design": plan.thinned,
        "aliases": list(plan.aliases),
        "resolution": plan.resolution,
        "notes": list(plan.notes),
        "seconds": sum(found.seconds or 0.0 for found in estimates),
        "speed": {"seconds_per_gflop": speed.seconds_per_gflop, "source": speed.source},
    }
