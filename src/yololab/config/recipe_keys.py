"""Keys of a recipe that hold patterns and names: their types, before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yololab.config.texts import is_texts
from yololab.errors import ConfigError


def check_recipe(recipe: Mapping[str, Any]) -> None:
    """ConfigError where recipe.freeze is no list of patterns, or a mapping of numbers is none."""
    if not is_texts(recipe["freeze"]):
        raise ConfigError(f"recipe.freeze={recipe['freeze']}: expected a list of patterns, such as [backbone.*]")
    for key, example in (("lr_factors", "{backbone.*: 0.1}"), ("class_weights", "{WBC: 2}")):
        value = recipe[key]
        if value is not None and not isinstance(value, Mapping):
            raise ConfigError(f"recipe.{key}={value}: expected a mapping, such as '{example}'")
        for name, number in (value or {}).items():
            if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number <= 1000:
                raise ConfigError(f"recipe.{key}: {name}={number!r}: expected a number above 0, at most 1000")
