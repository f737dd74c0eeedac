"""Whose code a configuration may import: yololab's own, and the packages that its user allowed.

A configuration can come from anywhere: a study on a shared disk, a colleague's archive. Its `_target_`s and dotted
`block`s are names until somebody allows them: `runtime.trust=[package]`, or the command line that names the class
itself. What allows is `trusting`, entered by whoever builds; what asks is `yololab.config.target`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from yololab.errors import ConfigError, UntrustedError

OWN = ("yololab", "torch.nn")
"""Packages whose classes any configuration may name; torch.nn holds layers, which do nothing but compute."""
CODE_KEYS = ("_target_", "block")
"""Keys whose values are imported where they hold a dot."""
PACKAGE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
"""A name that can be imported"""
_allowed: ContextVar[tuple[str, ...]] = ContextVar("allowed", default=())


@contextmanager
def trusting(packages: Iterable[str]) -> Iterator[None]:
    """While entered, classes of these packages may be imported too."""
    token = _allowed.set((*_allowed.get(), *packages))
    try:
        yield
    finally:
        _allowed.reset(token)


def is_own(path: str) -> bool:
    """Whether a dotted path needs nobody's leave."""
    return _is_within(path, OWN)


def require_allowed(path: str) -> None:
    """UntrustedError unless the class at a dotted path is yololab's own or of an allowed package."""
    if not is_own(path) and not _is_within(path, _allowed.get()):
        package = path.partition(".")[0]
        raise UntrustedError(
            f"{path} is not yololab's, and importing it would run code of {package!r}; where you trust that package, "
            f"add runtime.trust=[{package}]"
        )


def trust_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """What a configuration allows; nothing where it is older than the key. ConfigError where it is no list of names."""
    runtime = config.get("runtime")
    trust = (runtime.get("trust") if isinstance(runtime, Mapping) else None) or []
    if not (isinstance(trust, list) and all(isinstance(name, str) and PACKAGE.fullmatch(name) for name in trust)):
        raise ConfigError(f"runtime.trust={trust}: expected a list of packages, as in runtime.trust=[my_package]")
    return tuple(trust)


def with_trust(config: Mapping[str, Any], packages: Iterable[str]) -> dict[str, Any]:
    """The configuration, allowing exactly these packages."""
    return {**config, "runtime": {**config["runtime"], "trust": sorted(set(packages))}}


def foreign(content: Any, prefix: str = "") -> dict[str, str]:
    """Names of code, by dotted key, anywhere in a configuration that are not yololab's own."""
    found: dict[str, str] = {}
    if isinstance(content, Mapping):
        for key, value in content.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            if key in CODE_KEYS and isinstance(value, str):
                if "." in value and not is_own(value):
                    found[name] = value
            else:
                found |= foreign(value, name)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for index, value in enumerate(content):
            found |= foreign(value, f"{prefix}[{index}]")
    return found


def not_allowed(config: Mapping[str, Any]) -> dict[str, str]:
    """Names of code in a configuration that neither are yololab's own nor of what it allows."""
    return {key: path for key, path in foreign(config).items() if not _is_within(path, trust_of(config))}


def modules_of(paths: Iterable[str]) -> list[str]:
    """Modules that importing classes at these paths would run."""
    return sorted({path.rpartition(".")[0] for path in paths})


def _is_within(path: str, packages: Iterable[str]) -> bool:
    return any(path == package or path.startswith(f"{package}.") for package in packages)
