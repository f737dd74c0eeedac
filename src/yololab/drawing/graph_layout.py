"""Where the nodes of a network stand: sections as lanes side by side, the level of the stride from top to bottom.

Within a lane a node stands right of what it reads on its own level and under (or above) what it reads on another, so
that a pyramid shows its stairs and edges between levels are upright.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from yololab.graph.node import HEAD


@dataclass(frozen=True)
class DrawnNode:
    """What a picture knows of a node."""

    name: str
    section: str
    block: str
    inputs: tuple[str, ...]
    level: int
    """log2 of its stride"""
    told: str = ""
    """Parameters, shape: shown with the pointer over it"""
    mark: str = ""
    """ "inserted", "exchanged" or nothing"""


@dataclass(frozen=True)
class Place:
    """Column over all lanes and rows from `top` to `bottom`, both counted from 0."""

    column: float
    top: int
    bottom: int


@dataclass(frozen=True)
class Layout:
    """All places, and the lanes: first and last column by section."""

    places: Mapping[str, Place]
    lanes: Mapping[str, tuple[int, int]]
    levels: Sequence[int] = field(default_factory=tuple)


def lay_out(nodes: Sequence[DrawnNode]) -> Layout:
    """Places for nodes in the order in which they run, the head last."""
    levels = sorted({node.level for node in nodes if node.section != HEAD})
    row = {level: place for place, level in enumerate(levels)}
    own: dict[str, int] = {}
    by_name = {node.name: node for node in nodes}
    free: dict[tuple[str, int], int] = {}
    for node in nodes:
        at = free.get((node.section, node.level), 0)
        for name in node.inputs:
            source = by_name.get(name)
            if source is not None and source.section == node.section:
                at = max(at, own[name] + (source.level == node.level))
        own[node.name] = at
        free[node.section, node.level] = at + 1
    lanes: dict[str, tuple[int, int]] = {}
    start = 0
    for section in dict.fromkeys(node.section for node in nodes):
        width = 1 + max(own[node.name] for node in nodes if node.section == section)
        lanes[section] = (start, start + width - 1)
        start += width
    places = {}
    for node in nodes:
        column = lanes[node.section][0] + own[node.name]
        rows = [row[node.level]] if node.level in row else [0]
        if node.section == HEAD:
            sources = [by_name[name] for name in node.inputs if name in by_name]
            rows = [row[source.level] for source in sources if source.level in row] or [0]
        places[node.name] = Place(column, min(rows), max(rows))
    return Layout(places, lanes, levels)


def level_of(stride: float) -> int:
    """log2 of a stride, rounded."""
    return max(0, round(math.log2(max(stride, 1.0))))
