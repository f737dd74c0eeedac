"""What a picture of a network shows of a configuration: its nodes with their sizes, and what the choices changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yololab.assemble import build_detector
from yololab.detector.complexity import node_rows
from yololab.drawing.graph_layout import DrawnNode, level_of
from yololab.graph.from_config import AS_WRITTEN, make_graph


def nodes_of(config: Mapping[str, Any], num_classes: int) -> list[DrawnNode]:
    """In the order in which they run. Inserted or exchanged: against the same model with neither attention nor block.

    Raises GraphError or ConfigError where parts do not fit.
    """
    size = config["image_size"]
    detector = build_detector(config, num_classes, device="meta")
    plain = {node.name: node.block for node in make_graph({**config, **AS_WRITTEN}, num_classes, attended=False).nodes}
    found = []
    for node, row in zip(detector.graph.nodes, node_rows(detector, size), strict=True):
        mark = "" if plain.get(node.name) == node.block else "exchanged" if node.name in plain else "inserted"
        level = level_of(size / row.shape[-1]) if row.shape else 0
        shape = " x ".join(map(str, row.shape))
        told = f"{shape}, {row.parameters:,} parameters, {row.gflops:.3f} GFLOPs at {size}"
        block = node.args["attention"]["_target_"] if mark == "inserted" and "attention" in node.args else row.block
        name = f"{row.block}({block.rpartition('.')[2]})" if block != row.block else row.block
        found.append(DrawnNode(node.name, node.section, name, node.inputs, level, told, mark))
    return found
