"""Exchange the nodes that go up or down a level: another upsampling, another downsampling, in any graph."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from yololab.errors import GraphError
from yololab.graph.build import BLOCKS, resolve_block
from yololab.graph.infer import infer_specs
from yololab.graph.node import HEAD, IMAGE, FeatureSpec, Graph, Node
from yololab.graph.rewrite import drop_unread

CHANNELS = "channels"


def replace_resampling(graph: Graph, block: str, args: Mapping[str, Any], finer: bool) -> Graph:
    """Every node of one input that doubles (`finer`) or halves the resolution, built from `block` instead.

    It yields the channels of the node that it stands for. The first node keeps what it is: downsampling the image is
    the stem's work. GraphError where the graph has no such node, or the block yields something else.
    """
    specs = infer_specs(graph, resolve_block)
    takes_width = CHANNELS in inspect.signature(resolve_block(Node("new", block, ())).__init__).parameters
    read = {node.name for node in drop_unread(graph).nodes}
    changed, found = [], 0
    for node in graph.nodes:
        if not _resamples(node, specs, finer):
            changed.append(node)
            continue
        found += node.name in read
        own = {CHANNELS: specs[node.name].channels} if takes_width else {}
        changed.append(replace(node, block=block.removeprefix(f"{BLOCKS}."), args={**own, **args}))
    group = "upsample" if finer else "downsample"
    if not found:
        raise GraphError(f"{group}={block}: {graph.name} has no node that goes {'up' if finer else 'down'} a level")
    graph = replace(graph, nodes=tuple(changed))
    _require_equal(graph, specs, group, block)
    return graph


def _resamples(node: Node, specs: Mapping[str, FeatureSpec], finer: bool) -> bool:
    if node.name == HEAD or len(node.inputs) != 1 or node.inputs[0] == IMAGE:
        return False
    before, after = specs[node.inputs[0]].stride, specs[node.name].stride
    return before == 2 * after if finer else after == 2 * before


def _require_equal(graph: Graph, before: Mapping[str, FeatureSpec], group: str, block: str) -> None:
    after = infer_specs(graph, resolve_block)
    for name, spec in after.items():
        if spec != before[name]:
            raise GraphError(
                f"{group}={block}: {graph.name}: node {name!r} yields {spec.channels} channels at stride {spec.stride} "
                f"then, and {before[name].channels} at {before[name].stride} as it is written"
            )
