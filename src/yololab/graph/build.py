"""From graph to modules: blocks found by name, channels inferred, every node initialised from its own seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import torch
from torch import nn

from yololab.config.target import find_class
from yololab.errors import ConfigError, GraphError
from yololab.graph.infer import infer_specs
from yololab.graph.node import FeatureSpec, Graph, Node
from yololab.graph.rewrite import drop_unread

BLOCKS = "yololab.blocks"
"""Where a block's bare name is looked up."""


@dataclass(frozen=True)
class BuiltGraph:
    """The needed nodes of a graph, the head last, a module for each, and the inferred spec of all but the head."""

    graph: Graph
    modules: dict[str, nn.Module]
    specs: dict[str, FeatureSpec]


def build_graph(graph: Graph, seed: int = 0, device: torch.device | str = "cpu") -> BuiltGraph:
    """Drop what nobody reads, infer and build. A node's initial weights depend on `seed` and its name only.

    So an inserted node changes no other node's start, and paired comparisons start from equal weights.
    """
    graph = drop_unread(graph)
    specs = infer_specs(graph, resolve_block)
    modules = {}
    with torch.random.fork_rng(devices=[]), torch.device(device):
        for node in graph.nodes:
            torch.manual_seed(_node_seed(seed, node.name))
            modules[node.name] = _build_node(graph, node, [specs[name] for name in node.inputs])
    return BuiltGraph(graph, modules, specs)


def resolve_block(node: Node) -> type[nn.Module]:
    """The class that a node's `block` names: one of yololab.blocks, or a dotted path to another module class."""
    path = node.block if "." in node.block else f"{BLOCKS}.{node.block}"
    try:
        return find_class(path, nn.Module)
    except ConfigError as error:
        raise GraphError(f"node {node.name!r}: block {node.block!r}: {error}") from error


def _build_node(graph: Graph, node: Node, inputs: list[FeatureSpec]) -> nn.Module:
    block = resolve_block(node)
    channels = tuple(spec.channels for spec in inputs)
    try:
        if node is graph.head:
            return block(channels, strides=tuple(spec.stride for spec in inputs), **node.args)
        return block(channels[0] if len(channels) == 1 else channels, **node.args)
    except (TypeError, ValueError) as error:
        raise GraphError(f"{graph.name}: node {node.name!r} ({node.block}): {error}") from error


def _node_seed(seed: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4], "big")
