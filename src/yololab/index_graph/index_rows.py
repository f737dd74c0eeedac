"""An index graph as it stands in its file: rows of [from, repeats, module, args], with a table of scales."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from yololab.config.yaml_text import UnboundedYAMLError, load_yaml
from yololab.errors import ConfigError
from yololab.files import read_text
from yololab.graph.scale import Scale

SECTIONS = ("backbone", "head")
LARGEST = 64 * 2**10
"""Characters of a file; longer ones are no index graph"""
DEEPEST, MOST_VALUES = 8, 20_000
READ_OTHERWISE = {"nc", "scales", "scale", "depth_multiple", "width_multiple", "anchors", "ch", "yaml_file"}
"""Keys beside the rows whose meaning is ours to give"""


@dataclass(frozen=True)
class Row:
    """One row; `sources` are indices of rows, negative ones counted back from the row itself."""

    index: int
    sources: tuple[int, ...]
    repeats: int
    module: str
    args: tuple[Any, ...]

    def source_rows(self) -> list[int]:
        """Absolute indices; -1 is the image."""
        return [max(-1, self.index + source) if source < 0 else source for source in self.sources]

    def __str__(self) -> str:
        return f"row {self.index} ({self.module})"


@dataclass(frozen=True)
class IndexGraph:
    """All rows, those of the backbone first, and every scale by its letter ("full" where the file has none)."""

    name: str
    rows: tuple[Row, ...]
    backbone_rows: int
    scales: Mapping[str, Scale]
    extra: Mapping[str, Any] = field(default_factory=dict)
    """end2end, reg_max, activation: keys of the file that change what is built"""
    remarks: tuple[str, ...] = ()
    """What of the file is read otherwise"""

    @property
    def is_scaled(self) -> bool:
        """Whether any scale changes widths or depths."""
        return any((s.depth, s.width, s.max_channels) != (1.0, 1.0, None) for s in self.scales.values())


def read_file(path: Path) -> IndexGraph:
    """Read a YAML file. ConfigError says what of it is no index graph."""
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(text) > LARGEST:
        raise ConfigError(f"{path}: {len(text):,} characters; an index graph has a few thousand")
    try:
        content = load_yaml(text, MOST_VALUES, DEEPEST)
    except UnboundedYAMLError as error:
        raise ConfigError(f"{path}: nests or repeats itself too often for an index graph") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise ConfigError(f"{path}: is no YAML: {line}{error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path}: is no YAML: {str(error).splitlines()[0] if str(error) else error}") from error
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path}: expected `backbone:` and `head:` with rows [from, repeats, module, args]")
    return read(path.stem, content)


def read(name: str, content: Mapping[str, Any]) -> IndexGraph:
    """An index graph of the content of its file. ConfigError names the row that cannot be read."""
    for section in SECTIONS:
        if not isinstance(content.get(section), list) or not content[section]:
            raise ConfigError(f"{name}: has no `{section}:` with rows [from, repeats, module, args]")
    raw = [row for section in SECTIONS for row in content[section]]
    rows = tuple(_row(name, index, row) for index, row in enumerate(raw))
    for row in rows:
        ahead = [source for source in row.source_rows() if source >= row.index]
        if ahead:
            raise ConfigError(f"{name}: {row} reads row {ahead[0]}, which comes only later")
    extra = {key: value for key, value in content.items() if key not in {*SECTIONS, *READ_OTHERWISE}}
    _require_extra(name, extra)
    remarks = ["nc: the classes are those of the data"] if "nc" in content else []
    if content.get("anchors"):
        remarks.append("anchors: left out; the heads here have none")
    return IndexGraph(name, rows, len(content["backbone"]), _scales(name, content), extra, tuple(remarks))


def _require_extra(name: str, extra: Mapping[str, Any]) -> None:
    if not isinstance(extra.get("end2end", False), bool):
        raise ConfigError(f"{name}: end2end: {extra['end2end']!r:.40}: expected true or false")
    bins = extra.get("reg_max", 16)
    if not isinstance(bins, int) or isinstance(bins, bool) or not 1 <= bins <= 64:
        raise ConfigError(f"{name}: reg_max: {bins!r:.40}: expected a whole number from 1 to 64")


def _row(name: str, index: int, row: Any) -> Row:
    if not isinstance(row, list | tuple) or len(row) != 4:
        raise ConfigError(f"{name}: row {index}: expected [from, repeats, module, args], got {row!r:.80}")
    sources, repeats, module, args = row
    sources = sources if isinstance(sources, list | tuple) else [sources]
    integers = [*sources, repeats]
    if not sources or any(not isinstance(value, int) or isinstance(value, bool) for value in integers) or repeats < 1:
        raise ConfigError(f"{name}: row {index}: expected row numbers and a number of repeats, got {row!r:.80}")
    if not isinstance(module, str) or not isinstance(args, list | tuple):
        raise ConfigError(f"{name}: row {index}: expected a module's name and a list of arguments, got {row!r:.80}")
    return Row(index, tuple(sources), repeats, module, tuple(_value(value) for value in args))


def _value(value: Any) -> Any:
    """YAML leaves None and tuples as text; text that is no Python literal stays what it is."""
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, str):
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    return value


def _scales(name: str, content: Mapping[str, Any]) -> dict[str, Scale]:
    table = content.get("scales")
    if not table:
        depth, width = (content.get(key, 1.0) for key in ("depth_multiple", "width_multiple"))
        return {"full": _scale(name, "full", [depth, width, None])}
    if not isinstance(table, Mapping):
        raise ConfigError(f"{name}: scales: expected n: [depth, width, max_channels], got {table!r:.80}")
    for letter in table:
        if not re.fullmatch(r"[A-Za-z]\w{0,30}", str(letter)):
            raise ConfigError(f"{name}: scale {str(letter)!r:.40}: expected a letter or a word")
    return {str(letter): _scale(name, str(letter), numbers) for letter, numbers in table.items()}


def _scale(name: str, letter: str, numbers: Any) -> Scale:
    ok = isinstance(numbers, list | tuple) and len(numbers) in (2, 3)
    depth, width, most = (*numbers, None)[:3] if ok else (None, None, None)
    for value in (depth, width):
        ok = ok and isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 100
    ok = ok and (most is None or (isinstance(most, int | float) and most >= 1))
    if not ok:
        raise ConfigError(f"{name}: scale {letter}: expected [depth, width, max_channels], got {numbers!r:.80}")
    assert depth is not None
    assert width is not None
    return Scale(float(depth), float(width), None if most is None or most > 2**30 else int(most))
