"""From graph to modules: blocks found by name, channels inferred, every node initialised from its own seed."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from yololab.errors import GraphError, did_you_mean
from yololab.graph.infer import infer_specs
from yololab.graph.node import FeatureSpec, Graph, Node
from yololab.graph.rewrite import prune


@dataclass(frozen=True)
class BuiltGraph:
    """A pruned graph with one module per node, the head last, and the inferred spec of every node but the head."""

    graph: Graph
    modules: dict[str, nn.Module]
    specs: dict[str, FeatureSpec]


def build_graph(graph: Graph, seed: int = 0, device: torch.device | str = "cpu") -> BuiltGraph:
    """Prune, infer and build. A node's initial weights depend on `seed` and its name only.

    So an inserted node changes no other node's start, and paired comparisons start from equal weights.
    """
    graph = prune(graph)
    specs = infer_specs(graph, lambda node: resolve_block(node))
    modules = {}
    with torch.random.fork_rng(devices=[]), torch.device(device):
        for node in graph.nodes:
            torch.manual_seed(_node_seed(seed, node.name))
            modules[node.name] = _build_node(graph, node, [specs[name] for name in node.inputs])
    return BuiltGraph(graph, modules, specs)


def resolve_block(node: Node) -> Any:
    """The class that a node's `block` names: one of yololab.blocks, or a dotted path to anything importable."""
    package, _, name = node.block.rpartition(".")
    try:
        module = importlib.import_module(package or "yololab.blocks")
    except ImportError as error:
        raise GraphError(f"node {node.name!r}: cannot import {package!r} for block {node.block!r}: {error}") from error
    if not hasattr(module, name):
        candidates = getattr(module, "__all__", dir(module))
        raise GraphError(f"node {node.name!r}: no block {name!r} in {module.__name__}{did_you_mean(name, candidates)}")
    return getattr(module, name)


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
