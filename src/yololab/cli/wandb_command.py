"""`yololab sync` and `yololab wandb-sweep`: offline runs uploaded later, and a sweep for W&B's own agents."""

from __future__ import annotations

import argparse
from typing import Any

import yaml

from yololab.cli.plan_command import plan_of
from yololab.errors import YololabError
from yololab.run.claim import Watch
from yololab.run.find import find_study
from yololab.run.folder import run_folders
from yololab.sweep.plan.planned import Plan
from yololab.terminal import say
from yololab.trackers.offline import offline_runs, upload


def sync(options: argparse.Namespace) -> None:
    """Upload the offline runs of a study, each once."""
    watch = Watch()
    study = find_study(options.study)
    at_rest = [folder.path for folder in run_folders(study) if watch.holder(folder.path) is None]
    runs = offline_runs([*at_rest, study])  # the study's own table too
    for run in runs:
        upload(run)
        say(f"uploaded {', '.join(map(str, run.folders))}")
    say(f"{len(runs)} offline runs uploaded" if runs else "nothing to upload")


def wandb_sweep(options: argparse.Namespace) -> None:
    """Print a sweep configuration for `wandb sweep`, whose agents run train.py unchanged."""
    plan = plan_of(options.overrides, options.config_dir)
    print(yaml.safe_dump(sweep_config(plan), sort_keys=False), end="")


def sweep_config(plan: Plan) -> dict[str, Any]:
    """A grid over the sweep's axes; refused where runs are left out, since W&B cannot do that."""
    axes = {key: list(values) for key, values in _axes(plan).items()}
    size = 1
    for values in axes.values():
        size *= len(values)
    if not axes:
        raise YololabError("wandb-sweep: nothing is swept; give lists (seed=0,1,2), or an experiment with axes")
    if size != len(plan.planned):
        raise YololabError(
            f"wandb-sweep: W&B's grid cannot leave out runs, and {len(plan.planned)} of {size} are kept; give a sweep "
            "without study.exclude, study.zip and study.design, or run this one with train.py -m"
        )
    fixed = [text for text in plan.planned[0].overrides if text not in plan.planned[0].varied]
    return {
        "program": "train.py",
        "method": "grid",
        "metric": {"name": "mAP", "goal": "maximize"},
        "parameters": {key: {"values": values} for key, values in axes.items()},
        "command": ["${env}", "${interpreter}", "${program}", *fixed, "tracker.mode=online", "${args_no_hyphens}"],
    }


def _axes(plan: Plan) -> dict[str, dict[Any, None]]:
    axes: dict[str, dict[Any, None]] = {}
    for run in plan.planned:
        for text in run.varied:
            key, _, value = text.partition("=")
            axes.setdefault(key, {})[yaml.safe_load(value)] = None
    return axes
