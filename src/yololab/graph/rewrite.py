"""Exact rewrites of a graph: insert a block into edges or after nodes, exchange stages, drop what nobody reads.

`into` changes the chosen edges only; other readers of the same feature keep reading it unchanged. `after` changes
every reader of a node. Patterns are shell globs over node names; "SRC -> DST" chooses edges.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from yololab.errors import GraphError, did_you_mean
from yololab.graph.node import HEAD, IMAGE, Graph, Node

ARROW = "->"
DEEPEST = "backbone.deepest"
"""Means the backbone's output at the coarsest level, p5 or p6"""


@dataclass(frozen=True)
class Insertion:
    """Where a block goes: edge patterns ("backbone.p5 -> neck.*") and node patterns ("backbone.stage*")."""

    into: Sequence[str] = ()
    after: Sequence[str] = ()


def insert(graph: Graph, block: str, args: Mapping[str, Any], where: Insertion, suffix: str = "attention") -> Graph:
    """Return the graph with one `block` per chosen source; new nodes are named after the source plus `suffix`.

    Raises GraphError for a pattern that matches nothing.
    """
    sources = dict.fromkeys(source for pattern in where.after for source in _after_sources(graph, pattern))
    for pattern in where.into:
        for source, section in _into_edges(graph, pattern):
            graph = _insert_into(graph, source, section, pattern, block, args, suffix)
    for source in sources:
        graph = _insert_after(graph, source, block, args, suffix)
    return graph


def replace_stages(graph: Graph, block: str, args: Mapping[str, Any]) -> Graph:
    """Return the graph with every node marked `stage` built from `block`: width and depth kept, else `args`."""
    if not any(node.stage for node in drop_unread(graph).nodes):
        raise GraphError(f"block={block}: {graph.name} has no node marked `stage: true` to exchange")
    kept = ("channels", "repeats", "shortcut")

    def exchanged(node: Node) -> Node:
        own = {key: node.args[key] for key in kept if key in node.args}
        return replace(node, block=block, args={**own, **args}) if node.stage else node

    return replace(graph, nodes=tuple(exchanged(node) for node in graph.nodes))


def drop_unread(graph: Graph) -> Graph:
    """Return the graph without the nodes that the head does not read, directly or through others."""
    needed = {graph.head.name}
    for node in reversed(graph.nodes):
        if node.name in needed:
            needed.update(node.inputs)
    outputs = {alias: target for alias, target in graph.outputs.items() if target in needed}
    return replace(graph, nodes=tuple(node for node in graph.nodes if node.name in needed), outputs=outputs)


def _matches(graph: Graph, pattern: str) -> list[str]:
    """Node names that a pattern means, aliases resolved, in the order of the graph."""
    pattern = _deepest(graph) if pattern == DEEPEST else pattern
    names = {target for alias, target in graph.outputs.items() if fnmatchcase(alias, pattern)}
    return [name for name in graph.names if name in names or fnmatchcase(name, pattern)]


def _deepest(graph: Graph) -> str:
    levels = [alias for alias in graph.outputs if re.fullmatch(r"backbone\.p\d+", alias)]
    return max(levels, key=lambda alias: int(alias.rpartition("p")[2]), default=DEEPEST)


def _split_edge(pattern: str) -> tuple[str, str]:
    source, _, target = (part.strip() for part in pattern.partition(ARROW))
    return source, target


def _after_sources(graph: Graph, pattern: str) -> list[str]:
    if ARROW in pattern:
        source_pattern, target_pattern = _split_edge(pattern)
        targets = [node for node in graph.nodes if fnmatchcase(node.name, target_pattern)]
        read = {source for node in targets for source in node.inputs if source != IMAGE}
        found = [name for name in _matches(graph, source_pattern) if name in read]
    else:
        found = [name for name in _matches(graph, pattern) if name != HEAD]
    return found or _nothing(graph, "after", pattern)


def _into_edges(graph: Graph, pattern: str) -> list[tuple[str, str]]:
    if ARROW not in pattern:
        raise GraphError(
            f"insert_pos.into {pattern!r}: expected an edge 'SOURCE -> READER', as in 'backbone.p5 -> neck.*'; "
            "for a place behind a node, whoever reads it, use insert_pos.after"
        )
    source_pattern, target_pattern = _split_edge(pattern)
    edges = dict.fromkeys(
        (source, reader.section)
        for source in _matches(graph, source_pattern)
        for reader in graph.readers(source)
        if fnmatchcase(reader.name, target_pattern)
    )
    return list(edges) or _nothing(graph, "into", pattern)


def _nothing(graph: Graph, operation: str, pattern: str) -> Any:
    names = [*graph.names, *graph.outputs]
    wanted = pattern.partition(ARROW)[0].strip()
    raise GraphError(
        f"insert_pos.{operation} {pattern!r} matches nothing in {graph.name}{did_you_mean(wanted, names)} "
        f"Nodes: {', '.join(graph.names)}. Outputs: {', '.join(graph.outputs) or 'none'}"
    )


def _insert_into(
    graph: Graph, source: str, section: str, pattern: str, block: str, args: Mapping[str, Any], suffix: str
) -> Graph:
    target_pattern = _split_edge(pattern)[1]
    local = source.partition(".")[2]
    name = f"{section}.{local}_{suffix}" if section != HEAD else f"{source}_{suffix}_head"
    new = Node(free_name(graph, name), block, (source,), dict(args))
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.section == section and source in node.inputs and fnmatchcase(node.name, target_pattern):
            if new not in nodes:
                nodes.append(new)
            node = node.reading(source, new.name)
        nodes.append(node)
    return replace(graph, nodes=tuple(nodes))


def _insert_after(graph: Graph, source: str, block: str, args: Mapping[str, Any], suffix: str) -> Graph:
    new = Node(free_name(graph, f"{source}_{suffix}"), block, (source,), dict(args))
    nodes: list[Node] = []
    for node in graph.nodes:
        nodes.append(node.reading(source, new.name))
        if node.name == source:
            nodes.append(new)
    outputs = {alias: new.name if target == source else target for alias, target in graph.outputs.items()}
    return replace(graph, nodes=tuple(nodes), outputs=outputs)


def free_name(graph: Graph, name: str, joint: str = "") -> str:
    """The name, numbered behind `joint` where the graph has a node of it."""
    taken = set(graph.names)
    if name not in taken:
        return name
    return next(f"{name}{joint}{i}" for i in range(2, len(taken) + 3) if f"{name}{joint}{i}" not in taken)
