"""What a run's folder freezes before it has run, written whole and read with suspicion."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import yaml

from yololab.config.identity import completed
from yololab.config.texts import is_texts
from yololab.config.trust import modules_of, not_allowed, trust_of, with_trust
from yololab.config.yaml_text import load_yaml
from yololab.errors import UntrustedError, YololabError
from yololab.files import read_json, read_text, write_text
from yololab.run.seal import SEAL_FILE, is_sealed, seal

CONFIG_FILE = "config.yaml"
SPEC_FILE = "spec.json"
SECTIONS = ("runtime", "study", "trainer", "recipe", "data", "tracker", "checkpoint")
"""Parts of every configuration that are mappings"""
MOST_YAML = 1 << 22
"""Bytes of a frozen configuration, at most"""
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class RunSpec:
    """What is known of a run before it has run; its folder keeps it in config.yaml and spec.json."""

    config: Mapping[str, Any]
    """The resolved configuration"""
    choices: Mapping[str, str]
    """Chosen option of every Hydra group"""
    overrides: Sequence[str]
    """As typed, of this run alone"""


def write_spec(folder: Path, spec: RunSpec) -> None:
    """Keep it in a run's folder, sealed where it allows code of others."""
    details = {"choices": dict(spec.choices), "overrides": list(spec.overrides)}
    _write_if_changed(folder / SPEC_FILE, json.dumps(details, indent=1, sort_keys=True))
    text = yaml.dump(dict(spec.config), Dumper=_DUMPER, sort_keys=False)
    _write_if_changed(folder / CONFIG_FILE, text)
    if trust_of(spec.config):
        seal(folder, text)
    else:
        (folder / SEAL_FILE).unlink(missing_ok=True)


def read_spec(folder: Path) -> RunSpec:
    """What was frozen in a run's folder; it allows no code of others unless this user froze it.

    YololabError where there is nothing that can be read.
    """
    try:
        text = read_text(folder / CONFIG_FILE, MOST_YAML)
        config: Any = load_yaml(text)
        if not isinstance(config, dict):
            raise ValueError("not a mapping")
        wrong = [key for key in SECTIONS if not isinstance(config.get(key, {}), dict)]
        details = read_json(folder / SPEC_FILE)
        if wrong or not (is_choices(details["choices"]) and is_texts(details["overrides"])):
            raise ValueError(f"{', '.join(wrong) or SPEC_FILE}: not what was frozen")
        if trust_of(config) and not is_sealed(folder, text):
            config = with_trust(config, ())
        return RunSpec(completed(config), details["choices"], details["overrides"])
    except FileNotFoundError as error:
        raise YololabError(f"{folder}: not a run folder ({Path(error.filename).name} is missing)") from error
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise YololabError(f"{folder}: its configuration cannot be read ({reason}); plan it again") from error


def read_details(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Overrides and choices; nothing of what is missing or damaged."""
    try:
        found = read_json(folder / SPEC_FILE)
    except (OSError, ValueError):
        found = {}
    details = found if isinstance(found, dict) else {}
    overrides, choices = details.get("overrides"), details.get("choices")
    return overrides if is_texts(overrides) else [], choices if is_choices(choices) else {}


def allowed(config: Mapping[str, Any], where: Path, trust: bool = False) -> dict[str, Any]:
    """A configuration that allows all the code that it names, because it does or since its user says `trust`.

    UntrustedError that shows what would be imported otherwise.
    """
    missing = not_allowed(config)
    if not missing:
        return dict(config)
    if trust:
        return with_trust(config, [*trust_of(config), *modules_of(missing.values())])
    names = ", ".join(f"{key}={path}" for key, path in missing.items())
    raise UntrustedError(
        f"{where}: it names code that is not yololab's ({names}), and was not planned here by you; running it would "
        f"import {', '.join(modules_of(missing.values()))}. Read that code; then the same command with --trust runs it"
    )


def is_choices(value: Any) -> TypeGuard[dict[str, str]]:
    """Whether it is a mapping of texts to texts."""
    return isinstance(value, dict) and all(isinstance(text, str) for text in (*value, *value.values()))


def _write_if_changed(path: Path, text: str) -> None:
    """Planning a large study again must not sync a thousand files that are the same."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return
    except (OSError, UnicodeDecodeError):
        pass
    write_text(path, text)
