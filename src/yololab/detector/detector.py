"""Detector: runs the nodes of a graph in order and keeps a feature only while somebody still reads it."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from yololab.blocks.base import deploy_children
from yololab.graph.build import BuiltGraph
from yololab.graph.node import IMAGE, FeatureSpec, Graph
from yololab.graph.rewrite import drop_unread
from yololab.heads.base import Head
from yololab.structures import Detections, HeadMaps


class Step(NamedTuple):
    """One node's turn: its module's place, what it reads, and the features that nobody needs afterwards."""

    section: str
    key: str
    name: str
    inputs: tuple[str, ...]
    last_read: tuple[str, ...]


class Detector(nn.Module):
    """A built graph as a module. Parameters are addressed by node: "neck.td4.cv1.conv.weight"."""

    def __init__(self, built: BuiltGraph) -> None:
        super().__init__()
        self.graph: Graph = built.graph
        self.specs: dict[str, FeatureSpec] = built.specs
        for node in built.graph.nodes[:-1]:
            if node.section not in self._modules:
                self.add_module(node.section, nn.ModuleDict())
            self.get_submodule(node.section)[node.local_name] = built.modules[node.name]  # type: ignore[index]
        self.head: Head = built.modules[built.graph.head.name]  # type: ignore[assignment]
        self.steps = _plan(built.graph)

    @property
    def num_classes(self) -> int:
        """Classes that the head predicts."""
        return self.head.num_classes

    @property
    def max_stride(self) -> int:
        """Sides of the input image must be multiples of this."""
        return max(spec.stride for spec in self.specs.values())

    @property
    def fingerprint(self) -> str:
        """Hash of the graph; equal graphs have equal fingerprints."""
        return self.graph.fingerprint()

    def node(self, name: str) -> nn.Module:
        """The module of a node, by its global name."""
        return self.get_submodule(name)

    def features(self, images: Tensor) -> list[Tensor]:
        """Images (B, 3, H, W) in [0, 1] -> what the head reads."""
        values: dict[str, Tensor] = {IMAGE: images}
        for step in self.steps:
            module = self._modules[step.section]._modules[step.key]  # type: ignore[union-attr]
            values[step.name] = module(*[values[name] for name in step.inputs])  # type: ignore[misc]
            for name in step.last_read:
                del values[name]
        return [values[name] for name in self.graph.head.inputs]

    def maps(self, images: Tensor) -> dict[str, HeadMaps]:
        """Images (B, 3, H, W) in [0, 1] -> raw maps of every branch of the head."""
        return self.head(self.features(images))

    def forward(self, images: Tensor) -> dict[str, HeadMaps] | Detections:
        """Raw maps of every branch in training mode, decoded Detections of the branch that answers in eval mode."""
        maps = self.maps(images)
        return maps if self.training else self.head.detections(maps[self.head.answer])

    def deploy(self) -> Detector:
        """A copy in inference form: auxiliary branch gone, RepConvs merged, batch norms folded, eval mode."""
        head = self.head.main_only()
        num_features = len(head.in_channels)
        graph = self.graph
        if head is not self.head:
            block = f"{type(head).__module__}.{type(head).__name__}"
            short = replace(graph.head, block=block, inputs=graph.head.inputs[-num_features:])
            graph = drop_unread(replace(graph, nodes=(*graph.nodes[:-1], short)))
        modules = {node.name: self.node(node.name) for node in graph.nodes[:-1]} | {"head": head}
        copied = copy.deepcopy(modules)
        specs = {name: spec for name, spec in self.specs.items() if name in copied or name == IMAGE}
        deployed = Detector(BuiltGraph(graph, copied, specs)).eval()
        with torch.no_grad():
            deploy_children(deployed)
        return deployed


def _plan(graph: Graph) -> list[Step]:
    last_reader: dict[str, str] = {}
    for node in graph.nodes:
        for name in node.inputs:
            last_reader[name] = node.name
    return [
        Step(
            node.section,
            node.local_name,
            node.name,
            node.inputs,
            tuple(dict.fromkeys(name for name in node.inputs if last_reader[name] == node.name)),
        )
        for node in graph.nodes[:-1]
    ]
