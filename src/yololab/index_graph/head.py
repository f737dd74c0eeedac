"""The head of an index graph as a choice of conf/head with what differs from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yololab.errors import ConfigError
from yololab.index_graph.arguments import activation_of, checked
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
    named = graph.extra.get("activation")
    arguments: dict[str, Any] = {"reg_max": bins}
    if named and activation_of(named) != "silu":
        if twice or row.module not in ("Detect", "Segment"):
            raise ConfigError(
                f"{graph.name}: activation: {named}: {row} has SiLU inside, which cannot be exchanged here"
            )
        arguments["activation"] = activation_of(named)
    if row.module in ("DDetect", "DualDDetect"):
        return HeadChoice(_snake(row.module), f"yololab.heads.{row.module}", tuple(sources), {})
    if row.module in ("Segment", "Segment26"):
        return _with_masks(graph, row, sources, light, twice, arguments)
    if twice:
        choice = "one_to_one" if bins > 1 else "one_to_one_direct"
        arguments["light_classes"] = light or row.module == "v10Detect"
        return HeadChoice(choice, "yololab.heads.OneToOneDetect", tuple(sources), arguments)
    arguments["light_classes"] = light
    return HeadChoice("detect_light" if light else "detect", "yololab.heads.Detect", tuple(sources), arguments)


def _with_masks(
    graph: IndexGraph, row: Row, sources: list[str], light: bool, twice: bool, arguments: dict[str, Any]
) -> HeadChoice:  # fmt: skip
    place = f"{graph.name}: {row}"
    prototypes = checked(place, "channels", row.args[1] if len(row.args) > 1 else 32)
    width = checked(place, "channels", row.args[2] if len(row.args) > 2 else 256)
    arguments |= {"num_prototypes": prototypes, "prototype_channels": width, "light_classes": light}
    if row.module == "Segment26" and twice:
        return HeadChoice("one_to_one_segment", "yololab.heads.OneToOneSegment", tuple(sources), arguments)
    if twice:
        raise ConfigError(f"{place} with end2end: only Segment26 has a one-to-one branch with masks here")
    if row.module == "Segment26":
        arguments["fused_prototypes"] = True
    return HeadChoice("segment_light" if light else "v8_segment", "yololab.heads.Segment", tuple(sources), arguments)


def _snake(name: str) -> str:
    return {"DDetect": "ddetect", "DualDDetect": "dual_ddetect"}[name]
