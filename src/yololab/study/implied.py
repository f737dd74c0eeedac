"""What a choice brings with it, so that a table need not show it twice: its own keys, and those that its YAML sets."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from yololab.config.identity import flat
from yololab.config.place import conf_dir

GLOBAL = "@package _global_"


@lru_cache(maxsize=1024)
def implied_keys(group: str, choice: str) -> frozenset[str]:
    """Keys and groups that a choice sets, each with all that is below it; of a YAML elsewhere, its group's."""
    path = conf_dir() / group / f"{choice}.yaml"
    return frozenset({group}) | (_of_file(path, group) if path.is_file() else frozenset())


def is_implied(key: str, group: str, choices: frozenset[str]) -> bool:
    """Whether one of the choices of a group sets a key or group."""
    return any(
        key == implied or key.startswith(f"{implied}.")
        for choice in choices
        for implied in implied_keys(group, choice)
        if key != group
    )


def _of_file(path: Path, group: str) -> frozenset[str]:
    text = path.read_text(encoding="utf-8")
    content: Any = OmegaConf.to_container(OmegaConf.create(text)) or {}
    defaults = content.pop("defaults", [])
    found = set(flat(content)) if GLOBAL in text else {f"{group}.{key}" for key in flat(content)}
    for entry in defaults:
        if isinstance(entry, dict):  # override /head: detect
            found |= {key.removeprefix("override ").removeprefix("/") for key in entry}
        else:
            found |= _of_file(path.parent / f"{entry}.yaml", group)
    return frozenset(found)
