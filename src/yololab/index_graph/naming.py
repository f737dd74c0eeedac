"""Names by role: backbone.stage4, neck.up3, neck.bu5. A name tells the level, of which every one halves the image."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from yololab.graph.node import IMAGE
from yololab.index_graph.index_rows import Row
from yololab.index_graph.modules import Module

DOWN = frozenset({"ADown", "AConv"})
"""Blocks that halve the image without an argument"""


class Names:
    """Gives every row its name, in order, and knows the level at which each node ends."""

    def __init__(self, backbone_rows: int, aux: frozenset[int] = frozenset()) -> None:
        self.backbone_rows, self.aux = backbone_rows, aux
        self.levels: dict[str, int] = {IMAGE: 0}
        self._last_move = {"neck": "up", "aux": "up"}
        """Whether a section last went up to finer levels or down"""

    def name(self, row: Row, module: Module, sources: list[str], node: dict[str, Any]) -> str:
        """The name of a row, with its section."""
        section = "backbone" if row.index < self.backbone_rows else "aux" if row.index in self.aux else "neck"
        before = self.levels[sources[-1]] if module.block == "CBFuse" else self.levels[sources[0]]
        level = before + _step(module, node)
        local = self._local(section, row, module, node, before, level)
        name = f"{section}.{local}"
        number = 2
        while name in self.levels:
            name, number = f"{section}.{local}_{number}", number + 1
        self.levels[name] = level
        return name

    def _local(
        self, section: str, row: Row, module: Module, node: dict[str, Any], before: int, level: int
    ) -> str:  # fmt: skip
        if level < before:
            self._last_move[section] = "up"
            return f"up{level}"
        if level > before:
            self._last_move[section] = "down"
            first = section == "backbone" and before == 0
            return "stem" if first else f"down{level}"
        is_up = self._last_move.get(section) == "up"
        if module.role == "join":
            return f"{'cat' if is_up and section != 'backbone' else 'fuse'}{level}"
        if module.role == "stage":
            return f"stage{level}" if section == "backbone" else f"{'td' if is_up else 'bu'}{level}"
        if module.role == "pool":
            return "spp"
        if module.role == "psa":
            return f"psa{level}" if section != "backbone" else "psa"
        return f"{_snake(row.module)}{level}"

    def outputs(self, nodes: dict[str, dict[str, Any]], read_by_head: Iterable[str]) -> dict[str, dict[str, str]]:
        """Outputs of every section by level, "p3" and so on: the last node of each level that others read."""
        found = {}
        for section, own in nodes.items():
            others = {source for other in nodes if other != section for source in _reads(nodes[other], other)}
            read = others | set(read_by_head)
            named = {f"p{self.levels[f'{section}.{local}']}": local for local in own if f"{section}.{local}" in read}
            found[section] = dict(sorted(named.items(), key=lambda item: int(item[0][1:])))
        return found


def _step(module: Module, node: dict[str, Any]) -> int:
    """Levels that a node goes down; negative where it goes up."""
    if module.role == "up":
        return -int(node.get("factor") or node.get("stride") or 2).bit_length() + 1
    stride = node.get("stride")
    if node["block"] in DOWN or module.block in ("SPDConv",):
        return 1
    if stride is None and module.block in ("SCDown",):
        stride = 2
    if stride is None and module.block == "MaxPool":
        stride = node.get("kernel_size", 2)
    return int(stride or 1).bit_length() - 1


def _reads(nodes: dict[str, Any], section: str) -> set[str]:
    found = set()
    for node in nodes.values():
        sources = node["from"] if isinstance(node["from"], list) else [node["from"]]
        found |= {source if "." in source or source == IMAGE else f"{section}.{source}" for source in sources}
    return found


def _snake(name: str) -> str:
    name = {"nn.ZeroPad2d": "pad", "nn.MaxPool2d": "pool"}.get(name, name).rpartition(".")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
