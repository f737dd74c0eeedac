"""Before anything runs: what is asked and planned goes into the study's plan.json."""

from __future__ import annotations

from pathlib import Path

from yololab.run.claim import latest_claim
from yololab.run.folder import run_folders
from yololab.run.provenance import git_state
from yololab.run.record import RESULTS_FILE
from yololab.study.registration import register
from yololab.sweep.plan.planned import Plan


def register_plan(plan: Plan) -> None:
    """Add an entry to the plan.json of every study of a plan that asks for something new."""
    git = git_state()
    code = {"commit": git["commit"], "dirty": git["dirty"]}
    for study in plan.studies:
        own = [run for run in plan.runs if run.folder.path.parent == study]
        runs = [
            {"id": run.run_id, "seed": run.composed.config["seed"], "overrides": list(run.overrides)} for run in own
        ]
        register(study, own[0].composed.config["study"], runs, _begun(study), code)


def _begun(study: Path) -> list[str]:
    """Runs of a study that somebody has begun."""
    folders = run_folders(study) if study.is_dir() else []
    return [f.name for f in folders if latest_claim(f.path) or (f.path / RESULTS_FILE).is_file()]
