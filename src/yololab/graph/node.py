"""The graph as frozen data: nodes, edges by name, and what a feature is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

IMAGE = "image"
HEAD = "head"


@dataclass(frozen=True)
class FeatureSpec:
    """What flows along an edge: channels (a tuple where a block yields several maps) and stride in input pixels."""

    channels: int | tuple[int, ...]
    stride: int

    @property
    def width(self) -> int:
        """The channels of a single map; a block that yields several has no one width."""
        if isinstance(self.channels, tuple):
            raise ValueError(f"expected one feature map, got {len(self.channels)} maps of {self.channels} channels")
        return self.channels


@dataclass(frozen=True)
class Node:
    """One named block and the names of what it reads.

    `name` is global ("neck.td4"), `block` a class of yololab.blocks or a dotted path, `stage` marks nodes that the
    `block` group may exchange.
    """

    name: str
    block: str
    inputs: tuple[str, ...]
    args: Mapping[str, Any] = field(default_factory=dict)
    stage: bool = False

    @property
    def section(self) -> str:
        """The part of the model that the node belongs to: "backbone" for "backbone.stem"."""
        return self.name.partition(".")[0]

    @property
    def local_name(self) -> str:
        """The name inside the section: "stem" for "backbone.stem"."""
        return self.name.partition(".")[2] or self.name

    def reading(self, old: str, new: str) -> Node:
        """Return this node with every edge from `old` moved to `new`."""
        return replace(self, inputs=tuple(new if name == old else name for name in self.inputs))


@dataclass(frozen=True)
class Graph:
    """Nodes in the order in which they run; the head is the last. `outputs` maps "backbone.p5" to a node's name."""

    name: str
    nodes: tuple[Node, ...]
    outputs: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    """What a reader should know of how it came about; no part of what it is"""

    @property
    def head(self) -> Node:
        """The node that predicts."""
        return self.nodes[-1]

    @property
    def names(self) -> list[str]:
        """Names of all nodes, in order."""
        return [node.name for node in self.nodes]

    def readers(self, name: str) -> list[Node]:
        """Nodes that read `name`."""
        return [node for node in self.nodes if name in node.inputs]

    def fingerprint(self) -> str:
        """Hash of everything that shapes the network: equal for two configurations that build the same one."""
        rows = [[node.name, node.block, list(node.inputs), dict(node.args)] for node in self.nodes]
        text = json.dumps(rows, sort_keys=True, separators=(",", ":"), default=list)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
