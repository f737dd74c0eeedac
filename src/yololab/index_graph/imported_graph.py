"""An imported graph as a detector, at one of its scales."""

from __future__ import annotations

import torch

from yololab.detector import Detector
from yololab.graph.build import build_graph
from yololab.graph.node import Graph
from yololab.graph.parse import parse_graph
from yololab.index_graph.translate import Imported


def graph_of(imported: Imported, letter: str, num_classes: int = 80) -> Graph:
    """The graph at a scale, nothing dropped."""
    head = {**imported.head.node(), "num_classes": num_classes}
    return parse_graph(imported.name, imported.sections, head, imported.scales[letter])


def build(imported: Imported, letter: str, num_classes: int = 80, device: torch.device | str = "meta") -> Detector:
    """The detector at a scale. GraphError where a row does not fit what it reads."""
    return Detector(build_graph(graph_of(imported, letter, num_classes), device=device))
