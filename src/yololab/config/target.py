"""Classes by name: the one place where a `_target_` or a block's name becomes a class, and a class an object.

Only classes are found, only of the kind that is expected, only in packages that are allowed (`yololab.config.trust`);
they are constructed and never called otherwise.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Mapping
from typing import Any, TypeVar

from yololab.config.texts import quoting
from yololab.config.trust import is_own, require_allowed
from yololab.errors import ConfigError, YololabError, did_you_mean

TARGET = "_target_"
T = TypeVar("T")


def find_class(path: str, kind: type[T]) -> type[T]:
    """The class at a dotted path.

    ConfigError where there is none, or what is there is no class of this kind; UntrustedError, before anything is
    imported, where its package is not allowed.
    """
    require_allowed(path)
    package, _, name = path.rpartition(".")
    try:
        module = _imported(package)
    except Exception as error:  # a module of somebody's own can fail in any way
        reason = str(error) if isinstance(error, ImportError | ValueError) else f"{type(error).__name__}: {error}"
        raise ConfigError(f"cannot import {package!r} for {path!r}: {reason}") from error
    if not hasattr(module, name):
        candidates = getattr(module, "__all__", dir(module))
        raise ConfigError(f"no {name!r} in {package}{did_you_mean(name, candidates)}")
    found = getattr(module, name)
    if not (isinstance(found, type) and issubclass(found, kind)):
        raise ConfigError(f"{path} is {_described(found)}; expected a class derived from {kind.__name__}")
    return found


def _imported(package: str) -> Any:
    """A module; one of the user's own may lie in the current folder, where nothing else is looked for."""
    here = os.getcwd()
    if not is_own(package) and here not in sys.path and "" not in sys.path:
        sys.path.append(here)
    return importlib.import_module(package)


def instantiate(node: Mapping[str, Any], kind: type[T], key: str, *arguments: Any) -> T:
    """The object that {_target_: path, ...arguments} describes; `key` says in errors where it stands."""
    path = node.get(TARGET)
    if not isinstance(path, str):
        raise ConfigError(f"{key}: expected a mapping with {TARGET}, got {dict(node)!r}")
    try:
        found = find_class(path, kind)
        _require_texts(found, node, key)
        return found(*arguments, **arguments_of(node))
    except YololabError as error:
        if isinstance(error, ConfigError) and not str(error).startswith(f"{key}"):
            raise type(error)(f"{key}: {error}") from error
        raise
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{key}: {path}: {error}") from error


def _require_texts(found: type, node: Mapping[str, Any], key: str) -> None:
    """That arguments which are text are no numbers, or true or false: YAML reads 1e5, nan and yes so."""
    for name, parameter in inspect.signature(found).parameters.items():
        value = node.get(name)
        is_text = str(parameter.annotation) in ("str", "str | None", "<class 'str'>")
        if is_text and isinstance(value, bool | int | float):
            raise ConfigError(f"{key}.{name}={value}: {quoting(f'{key}.{name}', value)}")


def arguments_of(node: Mapping[str, Any]) -> dict[str, Any]:
    """All but the target."""
    return {key: value for key, value in node.items() if key != TARGET}


def _described(found: Any) -> str:
    return f"the class {found.__qualname__}" if isinstance(found, type) else f"no class but a {type(found).__name__}"
