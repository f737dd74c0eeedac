"""study.controls: every run with an attention also runs as its own controls, by one word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yololab.config.target import TARGET
from yololab.errors import ConfigError, did_you_mean

CONTROLS: Mapping[str, str] = {
    "placebo": "insert_pos.placebo=true",
    "random_gate": "insert_pos.placebo=random_gate",
    "widened": "match=gflops",
}
"""The override that makes a run its control."""
ALL = "all"


def controls_of(asked: Any) -> tuple[str, ...]:
    """Overrides of the controls that study.controls names. ConfigError with the nearest name for another."""
    names = [asked] if isinstance(asked, str) else list(asked or [])
    if ALL in names:
        names = list(CONTROLS)
    for name in names:
        if name not in CONTROLS:
            known = (*CONTROLS, ALL)
            raise ConfigError(
                f"study.controls={name}: expected some of {', '.join(known)}{did_you_mean(str(name), known)}"
            )
    return tuple(CONTROLS[name] for name in dict.fromkeys(names))


def has_controls(config: Mapping[str, Any]) -> bool:
    """Whether a run has an attention and is not a control itself."""
    is_control = config["insert_pos"].get("placebo") or config["match"]
    return bool(config["attention"].get(TARGET)) and not is_control


def without_duplicates(overrides: Sequence[str], control: str) -> tuple[str, ...]:
    """A run's overrides with that of a control, which replaces one of the same key."""
    key = control.partition("=")[0]
    return (*(text for text in overrides if text.partition("=")[0] != key), control)
