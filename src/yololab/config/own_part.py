"""A class of the user's own, given where nothing was chosen, by its own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yololab.config.target import TARGET

NOTHING = "none"


def with_own_parts(choices: Mapping[str, str], config: Mapping[str, Any]) -> dict[str, str]:
    """The choice of every group; `attention._target_=my_module.MyGate` over attention=none is the choice MyGate.

    Tables and titles would call it "none" otherwise.
    """
    found = dict(choices)
    for group, choice in choices.items():
        node = config.get(group)
        target = node.get(TARGET) if isinstance(node, Mapping) else None
        if choice == NOTHING and isinstance(target, str):
            found[group] = target.rpartition(".")[2]
    return found
