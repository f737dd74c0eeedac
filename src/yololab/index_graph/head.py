"""The head of an index graph as a choice of conf/head with what differs from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yololab.errors import ConfigError
from yololab.index_graph.index_rows import IndexGraph, Row
from yololab.index_graph.modules import LIGHT


@dataclass(frozen=True)
class HeadChoice:
    """A choice of conf/head, the features it reads, and arguments that its YAML does not have."""

    choice: str
    block: str
    sources: tuple[str, ...]
    arguments: dict[str, Any]

    def node(self) -> dict[str, Any]:
        """As `parse_graph` takes it."""
        return {"block": self.block, "from": list(self.sources), **self.arguments}


def head_of(graph: IndexGraph, row: Row, sources: list[str]) -> HeadChoice:
    """The head's choice. ConfigError for a head whose arguments say what none of ours does."""
    light = any(one.module in LIGHT for one in graph.rows)
    bins = graph.extra.get("reg_max", 16)
    twice = bool(graph.extra.get("end2end")) or row.module == "v10Detect"
    arguments: dict[str, Any] = {}
    if row.module in ("DDetect", "DualDDetect"):
        return HeadChoice(_snake(row.module), f"yololab.heads.{row.module}", tuple(sources), arguments)
    if row.module in ("Segment", "Segment26"):
        return _with_masks(graph, row, sources, light, bins, twice)
    if bins != 16:
        arguments["reg_max"] = bins
    if row.module == "v10Detect" or (twice and light):
        choice = "one_to_one" if bins > 1 else "one_to_one_direct"
        return HeadChoice(choice, "yololab.heads.OneToOneDetect", tuple(sources), arguments)
    if twice:
        return HeadChoice(
            "one_to_one", "yololab.heads.OneToOneDetect", tuple(sources), arguments | {"light_classes": False}
        )
    if light:
        return HeadChoice("detect_light", "yololab.heads.Detect", tuple(sources), {"light_classes": True, **arguments})
    return HeadChoice("detect", "yololab.heads.Detect", tuple(sources), arguments)


def _with_masks(
    graph: IndexGraph, row: Row, sources: list[str], light: bool, bins: int, twice: bool
) -> HeadChoice:  # fmt: skip
    _, prototypes, width = (*row.args, 32, 256)[:3] if len(row.args) < 3 else row.args[:3]
    arguments: dict[str, Any] = {"num_prototypes": prototypes, "prototype_channels": width}
    if bins != 16:
        arguments["reg_max"] = bins
    if row.module == "Segment26" and twice:
        return HeadChoice("one_to_one_segment", "yololab.heads.OneToOneSegment", tuple(sources), arguments)
    if row.module == "Segment26":
        arguments["fused_prototypes"] = True
    elif twice:
        raise ConfigError(f"{graph.name}: {row} with end2end: only Segment26 has a one-to-one branch with masks here")
    choice = "segment_light" if light else "v8_segment"
    return HeadChoice(
        choice, "yololab.heads.Segment", tuple(sources), arguments | ({"light_classes": True} if light else {})
    )


def _snake(name: str) -> str:
    return {"DDetect": "ddetect", "DualDDetect": "dual_ddetect"}[name]
