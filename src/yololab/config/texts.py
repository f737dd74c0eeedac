"""Keys that are text: YAML reads nan, true, 1e5 and null as something else, and says nothing."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import is_dataclass
from typing import Any, TypeGuard, get_type_hints

from yololab.errors import ConfigError


def require_texts(config: Any, schema: type, others: Container[str] = (), prefix: str = "") -> None:
    """That every key of a schema that is text has text, but for `others`. ConfigError says how to quote."""
    hints = get_type_hints(schema)
    for name, kind in hints.items():
        value = config.get(name) if isinstance(config, Mapping) else None
        key = f"{prefix}{name}"
        if key in others:
            continue
        if is_dataclass(kind):
            require_texts(value, kind, others, f"{key}.")  # type: ignore[arg-type]
        elif (kind is str and value is None and isinstance(config, Mapping) and name in config) or (
            kind in (str, str | None) and value is not None and not isinstance(value, str)
        ):
            raise ConfigError(f"{key}={as_yaml(value)}: {quoting(key, value)}")


def is_texts(value: Any) -> TypeGuard[list[str]]:
    """Whether it is a list of texts."""
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def quoting(key: str, value: Any) -> str:
    """How to give a text that YAML takes for something else."""
    kind = {type(None): "nothing", bool: "true or false", int: "a number", float: "a number"}.get(type(value), "a list")
    return f"expected text, and this is read as {kind}; write it in quotes: '{key}=\"{as_yaml(value)}\"'"


def as_yaml(value: Any) -> str:
    """A value as one would type it."""
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)
