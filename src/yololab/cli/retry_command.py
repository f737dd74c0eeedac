"""`yololab retry`: the runs of a study that are not done."""

from __future__ import annotations

import argparse

from yololab.errors import YololabError
from yololab.run.claim import Watch
from yololab.run.find import find_study
from yololab.run.folder import RunFolder, allowed, run_folders
from yololab.sweep.launch.local import LocalOptions, devices_of, labelled, run_local
from yololab.sweep.outcome import SweepFailed, outcomes
from yololab.terminal import say


def run(options: argparse.Namespace) -> None:
    """Run what is not done. SweepFailed where some of it is not done in the end."""
    study = find_study(options.study)
    folders = run_folders(study)
    unknown = set(options.run_ids) - {folder.name for folder in folders}
    if unknown:
        raise YololabError(f"{study}: there is no run {', '.join(sorted(unknown))}")
    asked = [folder for folder in folders if not options.run_ids or folder.name in options.run_ids]
    chosen = [folder for folder in asked if _is_due(folder, options.failed)]
    if not chosen:
        say(f"{study}: nothing to run again")
        return
    if options.trust:
        for folder in chosen:
            folder.trust()
    configs = [allowed(folder.spec().config, folder.path) for folder in chosen]  # before the first takes its time
    devices = max(devices_of(config.get("trainer", {}).get("devices", 1)) for config in configs)
    named = labelled(chosen)
    reasons = run_local(named, LocalOptions.default(n_jobs=options.jobs), devices)
    ends = outcomes(named, reasons=reasons)
    if not all(end.state.is_finished for end in ends):
        raise SweepFailed(ends, [study])


def _is_due(folder: RunFolder, failed_only: bool) -> bool:
    """Whether to run it again; what another machine claims is waited for, since only its heartbeat can tell."""
    holder = Watch().holder(folder.path)
    if holder is not None and holder.is_gone() is None:
        return not failed_only
    state = folder.state(running=holder is not None)
    return state.is_failure if failed_only else state.is_due
