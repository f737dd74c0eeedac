"""The levels that a head reads, 2 for stride 4 to 6 for stride 64: fewer, a finer one or a coarser one, in any family.

A finer level goes on with the neck's own way down (upsample, concatenate with the backbone, stage), and the way back
up starts there; a coarser one goes on with the backbone and turns there. New stages are copies of their neighbours:
half as wide a level below, as wide a level above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from yololab.errors import ConfigError, GraphError
from yololab.graph.build import resolve_block
from yololab.graph.infer import infer_specs
from yololab.graph.node import HEAD, Graph, Node
from yololab.graph.rewrite import free_name
from yololab.graph.scale import WIDTH_KEYS, make_divisible

FINEST, COARSEST = 2, 6
NECK, BACKBONE = "neck", "backbone"


def with_levels(graph: Graph, levels: Sequence[int]) -> Graph:
    """The graph whose head reads these levels. ConfigError for what are no levels, GraphError where the head reads
    anything but the neck's own."""
    _require_levels(levels)
    own = _levels_of(graph)
    while min(levels) < min(own):
        graph, own = _finer(graph, min(own)), [min(own) - 1, *own]
    while max(levels) > max(own):
        graph, own = _coarser(graph, max(own)), [*own, max(own) + 1]
    missing = [level for level in levels if level not in own]
    if missing:
        raise GraphError(f"levels={list(levels)}: {graph.name} has {own}, and nothing between them")
    inputs = tuple(graph.outputs[f"{NECK}.p{level}"] for level in levels)
    return replace(graph, nodes=(*graph.nodes[:-1], replace(graph.head, inputs=inputs)))


def _require_levels(levels: Sequence[int]) -> None:
    are_whole = isinstance(levels, list | tuple) and all(type(level) is int for level in levels)
    if not are_whole or not levels or list(levels) != sorted(set(levels)):
        raise ConfigError(f"levels={levels!r}: expected whole numbers that rise, such as [2,3,4,5]")
    if not FINEST <= levels[0] <= levels[-1] <= COARSEST:
        raise ConfigError(f"levels={list(levels)}: expected levels from {FINEST} (stride 4) to {COARSEST} (stride 64)")


def _levels_of(graph: Graph) -> list[int]:
    """Those that the head reads now."""
    by_node = {node: alias for alias, node in graph.outputs.items() if alias.startswith(f"{NECK}.p")}
    read = [by_node.get(source, "") for source in graph.head.inputs]
    if not all(read):
        other = next(source for source, alias in zip(graph.head.inputs, read, strict=True) if not alias)
        raise GraphError(f"levels: the head of {graph.name} reads {other!r}; expected the neck's levels alone")
    return sorted(int(alias.rpartition("p")[2]) for alias in read)


def _finer(graph: Graph, lowest: int) -> Graph:
    """With a level below `lowest`."""
    low, new = _stage(graph, graph.outputs[f"{NECK}.p{lowest}"]), lowest - 1
    narrow = _scaled(low.args, 0.5)
    nodes = [
        Node(f"{NECK}.up{new}", "Upsample", (low.name,)),
        Node(f"{NECK}.cat{new}", "Concat", (f"{NECK}.up{new}", _backbone_at(graph, new))),
        replace(low, name=f"{NECK}.td{new}", inputs=(f"{NECK}.cat{new}",), args=narrow),
        _down(graph, low.name, f"{NECK}.down{lowest}", f"{NECK}.td{new}", narrow["channels"]),
        Node(f"{NECK}.fuse{lowest}", "Concat", (f"{NECK}.down{lowest}", low.name)),
        replace(low, name=f"{NECK}.bu{lowest}", inputs=(f"{NECK}.fuse{lowest}",)),
    ]
    aliases = {f"{NECK}.p{new}": f"{NECK}.td{new}", f"{NECK}.p{lowest}": f"{NECK}.bu{lowest}"}
    return _added(graph, low.name, nodes, aliases, reads=f"{NECK}.bu{lowest}")


def _coarser(graph: Graph, highest: int) -> Graph:
    """With a level above `highest`."""
    deep, top, new = _backbone_at(graph, highest), graph.outputs[f"{NECK}.p{highest}"], highest + 1
    last = _stage(graph, top)
    stage = next((node for node in reversed(graph.nodes) if node.section == BACKBONE and node.stage), last)
    width = infer_specs(graph, resolve_block)[deep].width
    down = Node(f"{BACKBONE}.down{new}", "Conv", (deep,), {"channels": width, "kernel_size": 3, "stride": 2})
    extension = [
        down,
        replace(stage, name=f"{BACKBONE}.stage{new}", inputs=(down.name,)),
        Node(f"{NECK}.up{highest}", "Upsample", (f"{BACKBONE}.stage{new}",)),
        Node(f"{NECK}.cat{highest}", "Concat", (f"{NECK}.up{highest}", deep)),
        replace(last, name=f"{NECK}.td{highest}", inputs=(f"{NECK}.cat{highest}",), args=_as_wide(last.args, width)),
    ]
    aliases = {f"{BACKBONE}.p{new}": f"{BACKBONE}.stage{new}"}
    graph = _added(graph, deep, extension, aliases, reads=f"{NECK}.td{highest}")
    own, deepest = last.args["channels"], graph.outputs[f"{BACKBONE}.p{new}"]
    turned = [
        Node(f"{NECK}.down{new}", "Conv", (top,), {"channels": own, "kernel_size": 3, "stride": 2}),
        Node(f"{NECK}.fuse{new}", "Concat", (f"{NECK}.down{new}", deepest)),
        replace(last, name=f"{NECK}.bu{new}", inputs=(f"{NECK}.fuse{new}",)),
    ]
    return _added(graph, top, turned, {f"{NECK}.p{new}": f"{NECK}.bu{new}"}, reads=None)


def _added(graph: Graph, after: str, new: list[Node], aliases: Mapping[str, str], reads: str | None) -> Graph:
    """The graph with nodes behind `after`, whose other readers in neck and head read `reads` from now on."""
    free = {node.name: free_name(graph, node.name, "_") for node in new}
    new = [replace(node, name=free[node.name], inputs=tuple(free.get(n, n) for n in node.inputs)) for node in new]
    aliases = {alias: free.get(name, name) for alias, name in aliases.items()}
    reads = None if reads is None else free[reads]
    nodes: list[Node] = []
    for node in graph.nodes:
        follows = reads is not None and node.section in (NECK, HEAD)
        nodes.append(node.reading(after, reads) if follows and reads else node)
        if node.name == after:
            nodes += new
    return replace(graph, nodes=tuple(nodes), outputs={**graph.outputs, **aliases})


def _stage(graph: Graph, name: str) -> Node:
    """The node that a level ends in. GraphError where it is no block that could be made another width."""
    found = next(node for node in graph.nodes if node.name == name)
    if "channels" not in found.args:
        raise GraphError(f"levels: {graph.name} ends a level in {found.block}, which has no width of its own to change")
    return found


def _backbone_at(graph: Graph, level: int) -> str:
    """The backbone's output of a level, or the last node of it at that stride."""
    known = graph.outputs.get(f"{BACKBONE}.p{level}")
    if known is not None:
        return known
    specs = infer_specs(graph, resolve_block)
    found = [node.name for node in graph.nodes if node.section == BACKBONE and specs[node.name].stride == 2**level]
    if not found:
        raise GraphError(f"levels: the backbone of {graph.name} has no feature at stride {2**level}")
    return found[-1]


def _down(graph: Graph, source: str, name: str, reads: str, channels: int) -> Node:
    """A node as the one that leads down from `source`, of so many channels; a strided Conv where there is none."""
    specs = infer_specs(graph, resolve_block)
    for node in graph.readers(source):
        if node.inputs == (source,) and specs[node.name].stride == 2 * specs[source].stride:
            return replace(node, name=name, inputs=(reads,), args=_as_wide(node.args, channels))
    return Node(name, "Conv", (reads,), {"channels": channels, "kernel_size": 3, "stride": 2})


def _as_wide(args: Mapping[str, Any], channels: int) -> dict[str, Any]:
    return _scaled(args, channels / args["channels"]) | {"channels": channels} if "channels" in args else dict(args)


def _scaled(args: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """Arguments of a block that is `factor` times as wide, in multiples of 8."""
    return {
        key: make_divisible(value * factor) if key in WIDTH_KEYS and isinstance(value, int) else value
        for key, value in args.items()
    }
