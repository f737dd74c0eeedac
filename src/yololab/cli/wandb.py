"""yololab sync and wandb-sweep: offline runs uploaded later, and a sweep for W&B's own agents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from yololab.errors import YololabError
from yololab.study.claim import Watch
from yololab.study.folder import run_folders
from yololab.trackers.offline import offline_runs, upload


def sync(study: Path) -> None:
    """Upload the offline runs of a study, each once."""
    console = Console()
    watch = Watch()
    at_rest = [folder.path for folder in run_folders(study) if watch.holder(folder.path) is None]
    runs = offline_runs(at_rest)
    for run in runs:
        upload(run)
        console.print(f"uploaded {run.folder}", soft_wrap=True)
    console.print(f"{len(runs)} offline runs uploaded" if runs else "nothing to upload")


def wandb_sweep(overrides: Sequence[str], config_dir: str | None) -> None:
    """Print a sweep configuration for `wandb sweep`, whose agents run train.py unchanged."""
    from yololab.cli.sweeps import plan_of

    print(yaml.safe_dump(sweep_config(plan_of(overrides, config_dir)), sort_keys=False), end="")


def sweep_config(plan: Any) -> dict[str, Any]:
    """A grid over the sweep's axes; where cells are left out, joined or thinned, a grid over the list of cells."""
    axes = {key: list(values) for key, values in _axes(plan).items()}
    size = 1
    for values in axes.values():
        size *= len(values)
    if not axes:
        raise YololabError("wandb-sweep: nothing is swept; give lists (seed=0,1,2), or an experiment with axes")
    is_grid = size == len(plan.cells)
    if not is_grid:
        cells = [" ".join(cell.varied) for cell in plan.cells]
        raise YololabError(
            f"wandb-sweep: W&B's grid cannot leave out cells, and {len(cells)} of {size} are kept; give a sweep "
            "without study.exclude, study.zip and study.design, or run this one with train.py -m"
        )
    fixed = [text for text in plan.cells[0].overrides if text not in plan.cells[0].varied]
    return {
        "program": "train.py",
        "method": "grid",
        "metric": {"name": "mAP", "goal": "maximize"},
        "parameters": {key: {"values": values} for key, values in axes.items()},
        "command": ["${env}", "${interpreter}", "${program}", *fixed, "tracker.mode=online", "${args_no_hyphens}"],
    }


def _axes(plan: Any) -> dict[str, dict[Any, None]]:
    axes: dict[str, dict[Any, None]] = {}
    for cell in plan.cells:
        for text in cell.varied:
            key, _, value = text.partition("=")
            axes.setdefault(key, {})[yaml.safe_load(value)] = None
    return axes
