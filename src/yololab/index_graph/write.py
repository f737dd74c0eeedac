"""An imported graph as YAML of one's own: conf/model/NAME.yaml, and a file for each of its sections."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from yololab.config.place import conf_dir
from yololab.errors import ConfigError
from yololab.files import write_text
from yololab.graph.build import resolve_block
from yololab.graph.node import Node
from yololab.graph.scale import DEPTH_KEYS, WIDTH_KEYS, Scale
from yololab.index_graph.signature import says_default
from yololab.index_graph.translate import Imported

GROUPS = ("backbone", "neck", "aux")
WORDS = ("null", "true", "false", "yes", "no", "on", "off")
"""Texts that YAML takes for something else"""
SCALE = "# The {letter} of the chosen model.\nname: {letter}\ndepth: null\nwidth: null\nmax_channels: null\n"
SMALL = {"n": Scale(0.33, 0.25, 1024), "p": Scale(0.33, 0.125, 1024)}
"""For small data, and for laptops and tests; beside the one scale of a file without letters"""


def write(imported: Imported, folder: Path, says: str) -> list[Path]:
    """Write the files below `folder`/conf, none of which may be there. ConfigError names those that are."""
    if "neck" not in imported.sections:
        raise ConfigError(f"{imported.name}: only its head stands behind the backbone; a model here has a neck")
    texts = {f"model/{imported.name}.yaml": _model(imported, says)}
    for section in GROUPS:
        if section in imported.sections:
            texts[f"{section}/{imported.name}.yaml"] = _section(imported, section, says)
    for letter in imported.scales:
        if not (conf_dir() / "scale" / f"{letter}.yaml").exists():
            texts[f"scale/{letter}.yaml"] = SCALE.format(letter=letter)
    paths = {folder / "conf" / name: text for name, text in texts.items()}
    taken = [str(path) for path in paths if path.exists()]
    if taken:
        raise ConfigError(f"{', '.join(taken)}: there already, and nothing is overwritten; --name gives another name")
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    return list(paths)


def _model(imported: Imported, says: str) -> str:
    head = imported.head
    chosen = {key: imported.name if key in imported.sections else "none" for key in GROUPS}
    lines = ["# @package _global_", f"# {says}", "defaults:"]
    lines += [f"  - override /{group}: {choice}" for group, choice in chosen.items()]
    lines += [f"  - override /scale: {next(iter(imported.scales))}", f"  - override /head: {head.choice}"]
    lines += ["model:", f"  name: {imported.name}", "  scales:"]
    for letter, scale in _with_small(imported.scales).items():
        numbers: dict[str, Any] = {"depth": scale.depth, "width": scale.width, "max_channels": scale.max_channels}
        if scale.args:
            numbers["args"] = dict(scale.args)
        if scale.rounds and _has_odd_widths(imported):
            numbers["rounds"] = True
        ours = "" if letter in imported.scales else "   # ours, for small data and tests"
        lines.append(f"    {letter}: {_flow(numbers)}{ours}")
    lines += ["  checkpoint:"]
    lines += [
        f"    model.{row}: {where}" for row, name in imported.places.items() if (where := _weights(imported, name))
    ]
    lines += [f"    model.{imported.head_row}: head", "head:", f"  from: {_flow(list(head.sources))}"]
    chosen = yaml.safe_load((conf_dir() / "head" / f"{head.choice}.yaml").read_text(encoding="utf-8"))
    known = without_defaults({"block": head.block, "from": [], **chosen["head"]})
    defaults = inspect.signature(resolve_block(Node("head", head.block, ())).__init__).parameters
    own = {key: value for key, value in head.arguments.items() if known.get(key, defaults[key].default) != value}
    lines += [f"  {key}: {_flow(value)}" for key, value in own.items()]
    if head.arguments.get("reg_max") == 1 and "distances" not in chosen["loss"]["gains"]:
        lines += ["loss:", "  gains: {distances: 1.5}"]
    return "\n".join(lines) + "\n"


def _with_small(scales: Mapping[str, Scale]) -> dict[str, Scale]:
    """The file's scales, and smaller ones where it has none so small."""
    if list(scales) == ["full"]:
        return {**scales, **{key: replace(one, args=scales["full"].args, rounds=True) for key, one in SMALL.items()}}
    first = next(iter(scales.values()))
    return {**scales, "p": replace(first, width=first.width / 2)} if "p" not in scales else dict(scales)


def _weights(imported: Imported, name: str) -> str | None:
    """Where the official names of a row's weights begin here; None where it has none."""
    section, local = name.split(".")
    block = imported.sections[section]["nodes"][local]["block"]
    if block in ("Concat", "Upsample", "MaxPool", "ZeroPad", "CBFuse"):
        return None
    return f"{name}.upsample_transpose" if block == "TransposedUpsample" else name


def _has_odd_widths(imported: Imported) -> bool:
    nodes = [node for section in imported.sections.values() for node in section["nodes"].values()]
    return any(isinstance(node.get("channels"), int) and node["channels"] % 8 for node in nodes)


def _section(imported: Imported, section: str, says: str) -> str:
    content = imported.sections[section]
    rows = sorted(row for row, name in imported.places.items() if name.startswith(f"{section}."))
    lines = [f"# {says} Rows {rows[0]} to {rows[-1]}.", "nodes:"]
    wide = max(len(name) for name in content["nodes"]) + 1
    lines += [
        f"  {name + ':':<{wide}} {_flow(without_defaults(node))}" for name, node in content["nodes"].items()
    ]  # fmt: skip
    return "\n".join([*lines, f"outputs: {_flow(content['outputs'])}"]) + "\n"


def without_defaults(node: Mapping[str, Any]) -> dict[str, Any]:
    """A node without the arguments that say what its block does anyway."""
    known = {"block", "from", "stage", "fixed", *WIDTH_KEYS, *DEPTH_KEYS}  # what scaling changes is written
    block = resolve_block(Node("node", str(node["block"]), ()))
    return {key: value for key, value in node.items() if key in known or not says_default(block, key, value)}


def _flow(value: Any) -> str:
    """YAML in one line, texts without quotes where YAML allows."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    plain = isinstance(value, str) and value.replace(".", "").replace("_", "").isalnum() and not value[0].isdigit()
    return value if plain and value.lower() not in WORDS else json.dumps(value)
