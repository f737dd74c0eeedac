"""YAML of others: text that nests or repeats itself without end is refused before and after it is loaded."""

from __future__ import annotations

from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_NODES, DEEPEST = 1 << 17, 60
"""Values and levels of a frozen configuration, at most"""


class UnboundedYAMLError(ValueError):
    """A small text that stands for something endless, or larger than it can be meant."""


def load_yaml(text: str, most_nodes: int = MOST_NODES, deepest: int = DEEPEST) -> Any:
    """What a text holds: plain values, lists, mappings. yaml.YAMLError where it is none; UnboundedYAMLError."""
    _require_shallow(text, deepest)
    content = yaml.load(text, Loader=LOADER)  # nosec B506 # a safe loader, in C where it can be had
    _require_bounded(content, most_nodes, deepest)
    return content


def _require_shallow(text: str, deepest: int) -> None:
    """Nested so deeply, the loader, which is written in C, would crash."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > deepest:
            raise UnboundedYAMLError("nested too deeply")


def _require_bounded(value: Any, most_nodes: int, deepest: int) -> None:
    left, waiting = most_nodes, [(value, 0)]
    while waiting:
        node, depth = waiting.pop()
        left -= 1
        if left < 0 or depth > deepest:
            raise UnboundedYAMLError("larger than a configuration can be, by its aliases")
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting += [(entry, depth + 1) for entry in inner]
