"""Rows of an index graph as nodes: blocks and arguments of ours, edges by name, the head's choice."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from yololab import blocks
from yololab.config.target import TARGET
from yololab.errors import ConfigError, did_you_mean
from yololab.graph.node import IMAGE
from yololab.graph.scale import Scale
from yololab.index_graph.arguments import activation_of, checked
from yololab.index_graph.head import HeadChoice, head_of
from yololab.index_graph.index_rows import IndexGraph, Row
from yololab.index_graph.modules import (
    BY_LETTER,
    EXOTIC,
    HEADS,
    IN,
    MODULES,
    SKIPPED,
    UNUSED,
    Module,
)
from yololab.index_graph.naming import Names
from yololab.index_graph.pasted_arguments import pasted_arguments

PASTED = "yololab.attention.Pasted"
WITHOUT_ACTIVATION = ("Concat", "Upsample", "TransposedUpsample", "MaxPool", "ZeroPad", "CBLinear", "CBFuse")
STAGES = frozenset(m.block for m in MODULES.values() if m.role == "stage") - {"Bottleneck", "CIB"}
"""Blocks that `block=...` may exchange"""


@dataclass(frozen=True)
class Imported:
    """A named graph: sections as in conf/backbone and conf/neck, a head as in conf/head, scales as in conf/model."""

    name: str
    sections: dict[str, dict[str, Any]]
    head: HeadChoice
    scales: dict[str, Scale]
    places: dict[int, str]
    """Row -> node; rows that hand on what they read have none"""
    remarks: tuple[str, ...]
    head_row: int
    written_widths: dict[str, int] = field(default_factory=dict)
    """Node -> the input's width as its row writes it, where it does"""


def translate(graph: IndexGraph, mapped: Mapping[str, str] | None = None) -> Imported:
    """Name all rows and say them in blocks of ours; `mapped` names a class for modules that are not known.

    ConfigError names every module that cannot be said, and how to supply it.
    """
    mapped = mapped or {}
    _require_known(graph, mapped)
    *rows, last = graph.rows
    names = Names(graph.backbone_rows, aux=_auxiliary_rows(graph))
    places: dict[int, str] = {}
    inputs: dict[int, str] = {-1: IMAGE}
    sections: dict[str, dict[str, Any]] = {"backbone": {}, "neck": {}, "aux": {}}
    remarks, widths = list(graph.remarks), {}
    for row in rows:
        sources = [inputs[index] for index in row.source_rows()]
        if row.module in SKIPPED:
            inputs[row.index] = IMAGE if row.module == "Silence" else sources[0]
            continue
        node = _node(graph, row, mapped)
        written = node.pop(IN, None)
        name = names.name(row, MODULES.get(row.module, Module(PASTED, role="attention")), sources, node)
        places[row.index] = inputs[row.index] = name
        section, local = name.split(".")
        node = {"block": node.pop("block"), "from": [_local(source, section) for source in sources], **node}
        node["from"] = node["from"][0] if len(sources) == 1 else node["from"]
        sections[section][local] = node
        if isinstance(written, int):
            widths[name] = written
        if (
            note := MODULES[row.module].note if row.module in MODULES else ""
        ) and f"{row.module}: {note}" not in remarks:
            remarks.append(f"{row.module}: {note}")
    read = [inputs[index] for index in last.source_rows()]
    outputs = names.outputs(sections, read)
    alias = {f"{key}.{node}": f"{key}.{level}" for key, levels in outputs.items() for level, node in levels.items()}
    content = {
        key: {"nodes": _by_alias(nodes, alias), "outputs": outputs[key]} for key, nodes in sections.items() if nodes
    }
    head = head_of(graph, last, [alias.get(name, name) for name in read])
    return Imported(graph.name, content, head, _scales(graph), places, tuple(remarks), last.index, widths)


def _by_alias(nodes: dict[str, Any], alias: Mapping[str, str]) -> dict[str, Any]:
    """Nodes that read other sections by the names of their outputs."""

    def renamed(source: str | list[str]) -> str | list[str]:
        return [alias.get(one, one) for one in source] if isinstance(source, list) else alias.get(source, source)

    return {name: {**node, "from": renamed(node["from"])} for name, node in nodes.items()}


def _require_known(graph: IndexGraph, mapped: Mapping[str, str]) -> None:
    used = dict.fromkeys(row.module for row in graph.rows)
    for module in used:
        if module in EXOTIC:
            raise ConfigError(f"{graph.name}: {module}: {EXOTIC[module]}, so this graph cannot be imported")
    last = graph.rows[-1]
    if last.module not in HEADS:
        known = ", ".join(HEADS)
        raise ConfigError(f"{graph.name}: {last}: expected the head, one of {known}{did_you_mean(last.module, HEADS)}")
    for row in graph.rows[:-1]:
        if row.module in HEADS:
            raise ConfigError(f"{graph.name}: {row} stands before other rows; a graph has one head, its last row")
    known_names = {*MODULES, *SKIPPED, *mapped}
    unknown = [name for name in used if name not in known_names and name != last.module]
    if unknown:
        near = [(name, get_close_matches(name, MODULES, 1)) for name in unknown]
        hints = "".join(f"; {name} may be {found[0]}" for name, found in near if found)
        maps = " ".join(f"--map {name}=my_module.{name.rpartition('.')[2]}" for name in unknown)
        raise ConfigError(
            f"{graph.name}: {', '.join(unknown)}: not known here{hints}. Attentions of your own, which keep channels "
            f"and size, are used where you say where their classes are: {maps}"
        )


def _node(graph: IndexGraph, row: Row, mapped: Mapping[str, str]) -> dict[str, Any]:
    """Block and arguments of a row, `in_channels` as it is written there."""
    module = MODULES.get(row.module)
    if row.repeats > 1 and (module is None or module.role == "attention" or module.has_own_repeats):
        raise ConfigError(f"{graph.name}: {row} stands {row.repeats} times in one row; give each a row of its own")
    if row.module in mapped:
        node = {"block": PASTED, "attention": {TARGET: mapped[row.module]}}
        arguments = pasted_arguments(mapped[row.module], row)
        written = arguments.pop(IN, None)
        node["attention"] |= arguments
        return node | ({IN: written} if written is not None else {})
    assert module is not None
    node = {"block": module.block, **_arguments(graph, row, module)}
    if row.module == "SPPF" and len(row.args) > 2:  # as YOLO26 writes it; older ones have an activation there
        node["first_activation"] = "identity"
    _add_activation(graph, row, node)
    fixed = [key for key in module.fixed if key in node]
    if module.takes_repeats:
        node["repeats"] = row.repeats
    elif row.repeats > 1:
        node = {"block": "Chain", "of": node.pop("block"), "repeats": row.repeats, **node}
    if graph.is_scaled and fixed:
        node["fixed"] = fixed
    if node["block"] in STAGES:
        node["stage"] = True
    return node


def _arguments(graph: IndexGraph, row: Row, module: Module) -> dict[str, Any]:
    args: tuple[Any, ...] = row.args
    if len(args) > len(module.names):
        raise ConfigError(f"{graph.name}: {row}: {list(args)}: {len(module.names)} arguments at most are understood")
    found: dict[str, Any] = dict(module.constants)
    if module.role == "attention" and len(args) > 1 and module.names[:1] == (IN,) and args[0] == args[1]:
        args = (args[0], *args[2:])  # ports that ask for the width of the output, too
    for name, value in zip(module.names, args, strict=False):
        if name == UNUSED:
            continue
        if name in module.only:
            if value != module.only[name]:
                raise ConfigError(f"{graph.name}: {row}: {name}={value!r}: only {module.only[name]!r} is understood")
            continue
        if (row.module, name, value) == ("A2C2f", "area", -1):  # without attention there is no area
            continue
        found[name] = activation_of(value) if name == "activation" else checked(f"{graph.name}: {row}", name, value)
    return found


def _add_activation(graph: IndexGraph, row: Row, node: dict[str, Any]) -> None:
    """The activation that a file gives to all of its modules."""
    named = graph.extra.get("activation")
    if not named or "activation" in node or node["block"].startswith("yololab.") or activation_of(named) == "silu":
        return
    block = getattr(blocks, node["block"])
    if "activation" in inspect.signature(block.__init__).parameters:
        node["activation"] = activation_of(named)
    elif node["block"] not in WITHOUT_ACTIVATION:
        raise ConfigError(f"{graph.name}: activation: {named}: {row} has SiLU inside, which cannot be exchanged here")


def _local(source: str, section: str) -> str:
    return source.removeprefix(f"{section}.")


def _scales(graph: IndexGraph) -> dict[str, Scale]:
    """The scales, with what their letters decide for the modules of the graph."""
    used = {row.module for row in graph.rows}
    found = {}
    for name, scale in graph.scales.items():
        letters = (name,)
        if name == "full":  # without a table the file's name has the letter, and without one the reference takes all
            said = re.match(r"yolo[a-z-]*\d+([nslmx])(?![a-z])", graph.name)
            letters = (said[1],) if said else ("m", "l")
        args = {
            MODULES[module].block: table[letter]
            for module, table in BY_LETTER.items()
            for letter in letters
            if module in used and letter in table
        }
        found[name] = replace(scale, args=args, rounds=True)
    return found


def _auxiliary_rows(graph: IndexGraph) -> frozenset[int]:
    """Rows behind the backbone that only the first half of a dual head's inputs need."""
    last = graph.rows[-1]
    if last.module != "DualDDetect":
        return frozenset()
    sources = last.source_rows()
    half = len(sources) // 2
    first, second = _needed(graph, sources[:half]), _needed(graph, sources[half:])
    return frozenset(index for index in first - second if index >= graph.backbone_rows)


def _needed(graph: IndexGraph, start: list[int]) -> set[int]:
    found: set[int] = set()
    waiting = list(start)
    while waiting:
        index = waiting.pop()
        if index >= 0 and index not in found:
            found.add(index)
            waiting += graph.rows[index].source_rows()
    return found
