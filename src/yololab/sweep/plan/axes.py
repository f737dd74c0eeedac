"""Axes of a sweep, from Hydra's sweep syntax: what varies, what moves together, what stays."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from yololab.errors import ConfigError, did_you_mean

SEED = "seed"


@dataclass(frozen=True)
class Axis:
    """Keys that vary together, and their settings: each a tuple of overrides, one per key."""

    keys: tuple[str, ...]
    settings: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        """ "head", or "head+loss" where keys move together."""
        return "+".join(self.keys)

    def __len__(self) -> int:
        return len(self.settings)


@dataclass(frozen=True)
class Axes:
    """All that a sweep was told: `fixed` overrides and axes, in the order in which they were typed."""

    fixed: tuple[str, ...]
    axes: tuple[Axis, ...]

    def combinations(self) -> list[tuple[tuple[int, ...], tuple[str, ...]]]:
        """Every combination: its level on each axis, and its overrides; the last axis varies fastest."""
        every = itertools.product(*(range(len(axis)) for axis in self.axes))
        return [(levels, self._overrides(levels)) for levels in every]

    def _overrides(self, levels: Sequence[int]) -> tuple[str, ...]:
        chosen = (axis.settings[level] for axis, level in zip(self.axes, levels, strict=True))
        return (*self.fixed, *itertools.chain.from_iterable(chosen))


def read_axes(arguments: Sequence[str], loader: ConfigLoader, zipped: Sequence[Sequence[str]] = ()) -> Axes:
    """Axes of a command line; of a key given twice, the last one counts.

    `zipped` names keys that move together. ConfigError where they are not swept or differ in length.
    """
    overrides = OverridesParser.create(config_loader=loader).parse_overrides(list(arguments))
    swept: dict[str, tuple[str, ...]] = {}
    fixed: dict[str, str] = {}
    for override in overrides:
        key = override.get_key_element()
        fixed.pop(key, None)
        swept.pop(key, None)
        if override.is_sweep_override():
            swept[key] = _settings(override, key)
        else:
            fixed[key] = override.input_line or f"{key}={override.get_value_element_as_str()}"
    return Axes(tuple(fixed.values()), tuple(_joined(swept, zipped)))


def split_overrides(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """What Hydra composes a multirun's own configuration from, and what it hands to the sweeper."""
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    for_master = [o.input_line or "" for o in parsed if not o.is_sweep_override()]
    arguments = [o.input_line or "" for o in parsed if not o.is_hydra_override()]
    return for_master, arguments


def _settings(override: Override, key: str) -> tuple[str, ...]:
    if not override.is_discrete_sweep():
        raise ConfigError(
            f"{override.input_line}: an interval has no list of values; use range(...), choice(...) or a list, or "
            "hydra/sweeper=optuna"
        )
    return tuple(f"{key}={value}" for value in override.sweep_string_iterator())


def _joined(swept: Mapping[str, tuple[str, ...]], zipped: Sequence[Sequence[str]]) -> list[Axis]:
    group_of: dict[str, tuple[str, ...]] = {}
    for group in zipped:
        for key in group:
            if key not in swept:
                raise ConfigError(f"study.zip: {key!r} is not swept{did_you_mean(key, swept)}")
            if key in group_of:
                raise ConfigError(f"study.zip: {key!r} is named twice")
            group_of[key] = tuple(group)
        lengths = {key: len(swept[key]) for key in group}
        if len(set(lengths.values())) > 1:
            given = ", ".join(f"{key} has {length}" for key, length in lengths.items())
            raise ConfigError(f"study.zip: keys that move together need as many values each; {given}")
    axes: dict[tuple[str, ...], Axis] = {}
    for key, settings in swept.items():
        keys = group_of.get(key, (key,))
        if keys not in axes:
            columns = zip(*(swept[name] for name in keys), strict=True) if len(keys) > 1 else ((s,) for s in settings)
            axes[keys] = Axis(keys, tuple(dict.fromkeys(columns)))
    return list(axes.values())
