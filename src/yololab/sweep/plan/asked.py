"""What a study asks, held against what is planned: before the runs, not after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yololab.config.identity import as_text
from yololab.errors import ConfigError
from yololab.sweep.plan.planned import PlannedRun

UNSET = as_text(None)
"""A key that is left to another one: scale.width, where the scale's name decides"""


def require_baseline(planned: Sequence[PlannedRun], baseline: Mapping[str, Any] | None) -> None:
    """ConfigError where no run is the baseline that the table will be asked for, planned or finished earlier."""
    if not baseline or any(run.folder.path.parent.is_dir() for run in planned):
        return  # a study that exists may hold it
    wanted = {key: as_text(value) for key, value in baseline.items()}
    for run in planned:
        settings = {**run.composed.settings(), **_said(run)}
        if all(settings.get(key) in (value, UNSET) for key, value in wanted.items()):
            return
    named = ", ".join(f"{key}={value}" for key, value in wanted.items())
    shown = "; ".join(dict.fromkeys(run.label for run in planned[:8]))
    raise ConfigError(f"study.baseline {named}: none of the planned runs has these; they are: {shown}")


def _said(run: PlannedRun) -> dict[str, str]:
    """Overrides as they were typed, which are headings of the table."""
    parts = [text.lstrip("+~").partition("=") for text in run.overrides]
    return {key: value for key, _, value in parts}
