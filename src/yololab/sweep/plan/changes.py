"""What has changed since earlier runs of a study were planned: the same overrides can mean another run by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from yololab.config.identity import ABSENT, as_text, flat, is_science
from yololab.errors import YololabError
from yololab.run.folder import run_folders
from yololab.run.status import State
from yololab.sweep.plan.planned import PlannedRun


def changed_defaults(planned: Sequence[PlannedRun]) -> list[str]:
    """Say where the overrides of a new run meant another one when they were frozen: YAML has been edited since."""
    new = {run.overrides: run for run in planned if run.state is State.NEW}
    changes: Counter[str] = Counter()
    for study in {run.folder.path.parent for run in new.values()}:
        for folder in run_folders(study) if study.is_dir() else ():
            run = new.get(tuple(folder.overrides()))
            if run is None or run.folder.path == folder.path:
                continue
            try:
                changes.update(_difference(folder.spec().config, run.composed.config))
            except YololabError:
                continue
    return [f"{change}, in {count} runs whose overrides are those of earlier runs" for change, count in changes.items()]


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = flat(before), flat(after)
    keys = [key for key in {**old, **new} if is_science(key) and as_text(old.get(key)) != as_text(new.get(key))]
    return [
        f"{key} was {as_text(old.get(key, ABSENT))} and is now {as_text(new.get(key, ABSENT))}" for key in keys
    ] or ["the data, the weights file or the code of the graph has changed"]
