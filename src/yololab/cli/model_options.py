"""What every command that uses a trained detector understands: which one, and how its words are split."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yololab.errors import ConfigError

if TYPE_CHECKING:
    from yololab.inference.loaded import Loaded


def split_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names, and overrides (key=value, where the key is none of a path's)."""
    overrides = [word for word in words if _is_override(word) and not Path(word).exists()]
    return [word for word in words if word not in overrides], overrides


def _is_override(word: str) -> bool:
    key, sign, _ = word.partition("=")
    return bool(sign) and "/" not in key and "\\" not in key


def load_model(options: argparse.Namespace, name: str, overrides: Sequence[str]) -> Loaded:
    """The detector that a command line names."""
    from yololab.inference.load import load

    return load(name, overrides, checkpoint=options.checkpoint, device=options.device, trust=options.trust)


def numbers(text: str, where: str) -> list[int]:
    """Whole numbers above 0, between commas. ConfigError where they are none."""
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise ConfigError(f"{where} {text}: expected whole numbers above 0, such as 1,16")
    return found
