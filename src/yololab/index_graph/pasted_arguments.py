"""Positional arguments of a module of somebody's own, by the names of its constructor."""

from __future__ import annotations

import inspect
from typing import Any

from torch import nn

from yololab.config.target import find_class
from yololab.errors import ConfigError
from yololab.index_graph.index_rows import Row
from yololab.index_graph.modules import IN


def pasted_arguments(path: str, row: Row) -> dict[str, Any]:
    """The row's arguments by name, the first as `in_channels`. ConfigError where the class takes other ones."""
    signature = inspect.signature(find_class(path, nn.Module).__init__)
    names = [
        name
        for name, parameter in list(signature.parameters.items())[1:]
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.POSITIONAL_ONLY)
    ]
    if not names:
        raise ConfigError(f"{path}: takes no argument; its first one must be the number of channels")
    if len(row.args) > len(names):
        raise ConfigError(f"{row}: {list(row.args)}: {path} takes {', '.join(names)}")
    given = dict(zip(names, row.args, strict=False))
    first = given.pop(names[0], None)
    return given | ({IN: first} if first is not None else {})
