"""Keys of `study` that are lists, texts or mappings, checked before a sweep reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yololab.config.texts import is_texts
from yololab.errors import ConfigError


def check_study(study: Mapping[str, Any]) -> None:
    """ConfigError that names the key, what it expects, and what came."""
    primary = study.get("primary")
    primary = primary if isinstance(primary, Mapping) else {}
    expectations = {
        "study.exclude": ("a list of conditions", study.get("exclude"), is_texts),
        "study.zip": ("a list of lists of keys, such as [[head,loss]]", study.get("zip"), _is_groups),
        "study.controls": ("a name, a list of names or null", study.get("controls"), _is_text_or_texts),
        "study.baseline": ("a mapping, such as {attention: none}, or null", study.get("baseline"), _is_choice),
        "study.primary.metric": ("a name", primary.get("metric", "mAP"), lambda value: isinstance(value, str)),
        "study.primary.contrast": (
            "a mapping, such as {attention: cbam}, or null",
            primary.get("contrast"),
            _is_choice,
        ),
    }
    for key, (expected, value, is_right) in expectations.items():
        if value is not None and not is_right(value):
            raise ConfigError(f"{key}={value}: expected {expected}")


def _is_groups(value: Any) -> bool:
    return isinstance(value, list) and all(is_texts(group) for group in value)


def _is_text_or_texts(value: Any) -> bool:
    return isinstance(value, str) or is_texts(value)


def _is_choice(value: Any) -> bool:
    plain = (str, int, float, bool, type(None))
    return isinstance(value, Mapping) and all(isinstance(k, str) and isinstance(v, plain) for k, v in value.items())
