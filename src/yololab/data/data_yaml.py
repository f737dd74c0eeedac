"""YOLO's data.yaml: class names as they are written, paths of splits; what is wrong with it is said by file and line.

YAML would turn `no` into false, `1e5` into a number and a quoted "10" into something sorted before "2". Here every
scalar stays the text that somebody wrote, and no tag makes anything else of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from yololab.data.source import checked_classes
from yololab.data.text import read_text
from yololab.errors import ConfigError, DataError

PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


class _TextLoader(yaml.BaseLoader):
    """Scalars stay text; tags and keys that stand twice are errors."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        if node.tag not in PLAIN_TAGS:
            raise yaml.constructor.ConstructorError(
                None, None, f"the tag {node.tag!r}, which is not read", node.start_mark
            )
        if isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise yaml.constructor.ConstructorError(None, None, "a key that is no text", key.start_mark)
                if key.value in keys:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} stands twice", key.start_mark
                    )
                keys.add(key.value)
        return super().construct_object(node, deep)


def read_data_yaml(file: Path) -> dict[str, Any]:
    """Its content, of texts, lists and mappings. DataError with file and line where it cannot be read."""
    try:
        content = yaml.load(read_text(file), Loader=_TextLoader)  # nosec B506 # makes nothing but texts
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DataError(f"{file}:{mark.line + 1 if mark else 0}: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DataError(f"{file}: {str(error).splitlines()[0]}") from error
    if not isinstance(content, Mapping) or "names" not in content:
        raise DataError(f"{file}: expected `names` with the class names")
    return dict(content)


def names_of(content: Mapping[str, Any], file: Path) -> tuple[str, ...]:
    """Class names in the order of their numbers. DataError where they are no list of distinct names from number 0."""
    names = content["names"]
    if isinstance(names, Mapping):
        names = _in_order(names, file)
    if not isinstance(names, list) or not names:
        raise DataError(f"{file}: names: expected a list of class names, or a mapping of numbers to names")
    try:
        found = checked_classes(names, "names")
    except ConfigError as error:
        raise DataError(f"{file}: {error}") from error
    declared = content.get("nc")
    if declared is not None and (not isinstance(declared, str) or declared.strip() != str(len(found))):
        raise DataError(f"{file}: nc: {declared!s:.40}, and names has {len(found)}")
    return found


def paths_of(content: Mapping[str, Any], key: str, file: Path) -> list[Path]:
    """Folders and lists of a split as they stand on this machine. DataError where there is no such key or path."""
    if key not in content:
        raise DataError(f"{file}: expected a key {key!r}; it has {', '.join(content)}")
    named = content[key] if isinstance(content[key], list) else [content[key]]
    if not named or not all(isinstance(entry, str) and entry.strip() for entry in named):
        raise DataError(f"{file}: {key}: expected a path or a list of paths")
    root = content.get("path")
    if root is not None and not isinstance(root, str):
        raise DataError(f"{file}: path: expected one path")
    base = file.parent / _expanded(root or ".")
    return [_place(base, entry, key, file) for entry in named]


def _place(base: Path, entry: str, key: str, file: Path) -> Path:
    """Where an entry points; exports of Roboflow mean ../train to lie beside the file."""
    candidates = [base / _expanded(entry)]
    if entry.startswith("../"):
        candidates.append(base / entry.removeprefix("../"))
    for place in candidates:
        try:
            if place.exists():
                return place
        except (OSError, ValueError) as error:
            raise DataError(f"{file}: {key}: {entry!r:.200} is no path: {error}") from error
    raise DataError(f"{file}: {key}: {candidates[0]} is neither a folder of images nor a list of them")


def _expanded(path: str) -> Path:
    """With the user's folder for ~; as it is, where there is no such user."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _in_order(names: Mapping[str, Any], file: Path) -> list[Any]:
    numbers = {int(key): name for key, name in names.items() if key.isascii() and key.isdigit() and len(key) < 10}
    if len(numbers) != len(names) or sorted(numbers) != list(range(len(numbers))):
        raise DataError(
            f"{file}: names: expected the numbers 0 to {len(names) - 1} as keys, got {', '.join(list(names)[:8]):.200}"
        )
    return [numbers[index] for index in range(len(numbers))]
