"""What a graph is but for its names: two graphs that compute the same by the same blocks have equal signatures."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from yololab.graph.build import resolve_block
from yololab.graph.node import IMAGE, Graph, Node


def signatures(graph: Graph, shape_alone: bool = False) -> dict[str, str]:
    """Of every node: its block, its arguments but for defaults, and all that it reads; `shape_alone`: the edges only.

    Nodes with equal signatures compute the same.
    """
    found = {IMAGE: IMAGE}
    for node in graph.nodes:
        kind = "" if shape_alone else _kind(node)
        text = json.dumps([kind, [found[source] for source in node.inputs]])
        found[node.name] = hashlib.sha256(text.encode()).hexdigest()[:24]
    return found


def _kind(node: Node) -> str:
    block = resolve_block(node)
    return json.dumps([f"{block.__module__}.{block.__qualname__}", effective(node)], sort_keys=True, default=list)


def effective(node: Node) -> dict[str, Any]:
    """Arguments of a node that differ from its block's defaults."""
    return {key: value for key, value in node.args.items() if not says_default(resolve_block(node), key, value)}


def says_default(block: type, key: str, value: Any) -> bool:
    """Whether a block does this anyway; a tuple and a list of the same are the same."""
    parameter = inspect.signature(block.__init__).parameters.get(key)
    return parameter is not None and _plain(parameter.default) == _plain(value)


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=lambda one: list(one) if isinstance(one, tuple) else str(one))


def without_attentions(graph: Graph) -> tuple[Graph, list[Node]]:
    """The graph with every attention taken out, its readers reading what it read; and the attentions."""
    taken = [node for node in graph.nodes if node.block.startswith("yololab.attention.")]
    passed: dict[str, str] = {}
    nodes = []
    for node in graph.nodes:
        inputs = tuple(passed.get(name, name) for name in node.inputs)
        if node in taken:
            passed[node.name] = inputs[0]
        else:
            nodes.append(replace(node, inputs=inputs))
    outputs: Mapping[str, str] = {alias: passed.get(name, name) for alias, name in graph.outputs.items()}
    return replace(graph, nodes=tuple(nodes), outputs=outputs), taken


def bypassed(graph: Graph) -> list[tuple[str, str, str]]:
    """(attention, reader, source): where another node reads what stands before an attention."""
    return [
        (node.name, reader.name, source)
        for node in graph.nodes
        if node.block.startswith("yololab.attention.")
        for source in node.inputs
        for reader in graph.readers(source)
        if reader is not node
    ]
