"""Composing a thousand combinations: Hydra reads every choice once, and combinations are merged from what it read.

Hydra composes one configuration in about a tenth of a second. Two combinations differ
in the chosen files only, so Hydra is asked for it once per choice; files are merged as plain dicts.
Whatever is not a plain choice or a plain `key=value` goes through Hydra itself, and so do all errors.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from hydra._internal.config_repository import CachingConfigRepository
from hydra.core.config_loader import ConfigLoader
from hydra.core.default_element import ResultDefault
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from yololab.config.compose import allowing_named
from yololab.config.explain import explain
from yololab.config.identity import as_text, flat
from yololab.config.own_part import with_own_parts
from yololab.errors import ConfigError

MISSING = "???"


@dataclass(frozen=True)
class Composed:
    """One combination's configuration, resolved, and its choices."""

    config: dict[str, Any]
    choices: dict[str, str]

    def settings(self) -> dict[str, str]:
        """All keys (dotted) and choices as text, for conditions."""
        keys = {key: as_text(value) for key, value in flat(self.config).items()}
        return {**keys, **self.choices}


@dataclass(frozen=True)
class _Skeleton:
    """Files of a configuration in the order of merging, and the choice of every group."""

    files: tuple[ResultDefault, ...]
    choices: dict[str, str]


class _ReadOnce(CachingConfigRepository):
    """Hydra's cache, kept from one list of defaults to the next; they copy what they change."""

    def __deepcopy__(self, memo: Any) -> _ReadOnce:
        return self


@dataclass(eq=False)
class Combinations:
    """Composes the runs of one sweep; `hydra_overrides` are those of hydra/..., the same for all of them."""

    loader: ConfigLoader
    config_name: str = "train"
    hydra_overrides: Sequence[str] = ()
    _files: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _skeletons: dict[tuple[str, ...], _Skeleton | None] = field(default_factory=dict)
    _parsed: dict[str, Override] = field(default_factory=dict)

    def compose(self, overrides: Sequence[str]) -> Composed:
        """The configuration that Hydra would compose from `overrides`, resolved. ConfigError as Hydra's, explained."""
        parsed = [self._parse(text) for text in overrides]
        fast = self._compose_from_files(parsed)
        config, choices = fast if fast is not None else self._compose_by_hydra(overrides)
        config.pop("hydra", None)
        try:
            resolved = allowing_named(_resolved(config), parsed)
            return Composed(resolved, with_own_parts(choices, resolved))
        except OmegaConfBaseException as error:
            raise ConfigError(f"{error.full_key or 'configuration'}: {str(error).splitlines()[0]}") from error

    def _parse(self, text: str) -> Override:
        if text not in self._parsed:
            self._parsed[text] = OverridesParser.create().parse_override(text)
        return self._parsed[text]

    def _compose_by_hydra(self, overrides: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
        try:
            config = self.loader.load_configuration(
                self.config_name, [*self.hydra_overrides, *overrides], run_mode=RunMode.RUN
            )
        except Exception as error:
            message = explain(error)
            if message is None:
                raise
            raise ConfigError(message) from error
        choices = {str(k): str(v) for k, v in config.hydra.runtime.choices.items() if v is not None}
        with_hydra: dict[str, Any] = OmegaConf.to_container(_without_hydra(config))  # type: ignore[assignment]
        return with_hydra, choices

    def _compose_from_files(self, overrides: Sequence[Override]) -> tuple[dict[str, Any], dict[str, str]] | None:
        """None where only Hydra can tell."""
        if not all(_is_plain(override) for override in overrides):
            return None
        groups = [o for o in overrides if self._is_group(o.key_or_group)]
        skeleton = self._skeleton(tuple(o.input_line or "" for o in groups))
        if skeleton is None:
            return None
        config: dict[str, Any] = {}
        for file in skeleton.files:
            _merge(config, self._read(file))
        config.pop("defaults", None)
        for override in overrides:
            if override not in groups and not _set(config, override.key_or_group, override.value()):
                return None
        return config, dict(skeleton.choices)

    @cache  # noqa: B019  # it lives as long as its sweep
    def _is_group(self, key: str) -> bool:
        return bool(self.loader.get_group_options(key))

    def _skeleton(self, groups: tuple[str, ...]) -> _Skeleton | None:
        """Files for a combination of choices: those of its leaves put into those of what chooses other files."""
        if groups in self._skeletons:
            return self._skeletons[groups]
        leaves = [text for text in groups if self._is_leaf(text)]
        base = self._by_hydra(tuple(text for text in groups if text not in leaves))
        result = base
        for leaf in leaves if base is not None else ():
            alone = self._by_hydra((*(t for t in groups if t not in leaves), leaf))
            result = _with_leaf(result, base, alone)
            if result is None:
                break
        self._skeletons[groups] = result
        return result

    @cache  # noqa: B019
    def _is_leaf(self, text: str) -> bool:
        """Whether a choice brings one file and chooses no others."""
        override = self._parse(text)
        value = override.value()
        if not isinstance(value, str):
            return False
        loaded = self.loader.repository.load_config(f"{override.key_or_group}/{value}")  # type: ignore[attr-defined]
        # Hydra lists `_self_` for a file without a defaults list.
        return loaded is not None and all(default.is_self() for default in loaded.defaults_list or ())

    @cache  # noqa: B019
    def _by_hydra(self, groups: tuple[str, ...]) -> _Skeleton | None:
        try:
            found = self._reader.compute_defaults_list(self.config_name, [*self.hydra_overrides, *groups], RunMode.RUN)
        except Exception:
            return None  # composing it whole gives the error with all its context
        files = tuple(d for d in found.defaults if d.config_path and not d.config_path.startswith("hydra/"))
        choices = {k: str(v) for k, v in found.overrides.known_choices.items() if v is not None}
        return _Skeleton(files, choices)

    @cached_property
    def _reader(self) -> ConfigLoader:
        """The loader, which then parses every file once instead of once for every list of defaults."""
        reader = copy.copy(self.loader)
        reader.repository = _ReadOnce(self.loader.repository)  # type: ignore[attr-defined]
        return reader

    def _read(self, file: ResultDefault) -> dict[str, Any]:
        """A file's content at its package."""
        key = (file.config_path or "", file.package or "")
        if key not in self._files:
            loaded = self.loader.repository.load_config(key[0])  # type: ignore[attr-defined]
            content: dict[str, Any] = OmegaConf.to_container(loaded.config)  # type: ignore[assignment]
            content.pop("defaults", None)
            for part in reversed(key[1].split(".") if key[1] else []):
                content = {part: content}
            self._files[key] = content
        return self._files[key]


def _is_plain(override: Override) -> bool:
    if override.is_add() or override.is_force_add() or override.is_delete() or override.package is not None:
        return False
    return not override.is_hydra_override() and not override.is_sweep_override()


def _with_leaf(result: _Skeleton | None, base: _Skeleton | None, alone: _Skeleton | None) -> _Skeleton | None:
    """`result` with the one file that differs between `base` and `alone`; None where it is not one file."""
    if result is None or base is None or alone is None or len(base.files) != len(alone.files):
        return None
    files = list(result.files)
    changed = [i for i, (a, b) in enumerate(zip(base.files, alone.files, strict=True)) if a != b]
    if len(changed) > 1:
        return None
    for index in changed:
        files[index] = alone.files[index]
    changes = {key: value for key, value in alone.choices.items() if base.choices.get(key) != value}
    return _Skeleton(tuple(files), {**result.choices, **changes})


def _merge(into: dict[str, Any], content: Mapping[str, Any]) -> None:
    """OmegaConf's merge for plain dicts: dicts merge, everything else is replaced, ??? replaces nothing."""
    for key, value in content.items():
        old = into.get(key)
        if isinstance(value, Mapping) and isinstance(old, dict):
            _merge(old, value)
        elif not (value == MISSING and key in into):
            into[key] = copy.deepcopy(value)


def _set(content: dict[str, Any], key: str, value: Any) -> bool:
    """Set an existing key; False where it does not exist or the value needs Hydra's own rules."""
    *path, last = key.split(".")
    node: Any = content
    for part in path:
        node = node.get(part) if isinstance(node, dict) else None
    if not isinstance(node, dict) or last not in node or "[" in key or isinstance(value, dict):
        return False
    if isinstance(node[last], dict):
        return False
    node[last] = list(value) if isinstance(value, list) else value
    return True


def _resolved(config: dict[str, Any]) -> dict[str, Any]:
    """Interpolations resolved by OmegaConf, key by key, since most keys have none and conversion is slow."""
    affected = [key for key, value in config.items() if _has_interpolation(value)]
    if not affected:
        return config
    whole = OmegaConf.create(config)
    return config | {key: _plain(whole[key]) for key in affected}


def _plain(value: Any) -> Any:
    return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value


def _has_interpolation(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_interpolation(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_has_interpolation(inner) for inner in value)
    return isinstance(value, str) and "${" in value


def _without_hydra(config: DictConfig) -> DictConfig:
    bare = copy.copy(config)
    OmegaConf.set_struct(bare, False)
    bare.pop("hydra", None)
    return bare
