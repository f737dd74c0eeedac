"""From configuration to graph: sections parsed and scaled, stages exchanged, attention inserted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from yololab.config.target import TARGET, arguments_of, find_class
from yololab.errors import ConfigError, did_you_mean
from yololab.graph.build import resolve_block
from yololab.graph.infer import infer_specs
from yololab.graph.levels import with_levels
from yololab.graph.node import Graph, Node
from yololab.graph.parse import parse_graph
from yololab.graph.resample import replace_resampling
from yololab.graph.rewrite import Insertion, insert, replace_stages
from yololab.graph.scale import Scale

SECTIONS = ("backbone", "neck", "aux")
AS_WRITTEN: dict[str, dict[str, Any]] = {"block": {}, "upsample": {}, "downsample": {}}
"""In place of the groups that exchange nodes: the graph as its model has it"""
PLACEBO = "yololab.attention.Placebo"
PLACEBOS = {"layers": PLACEBO, "random_gate": "yololab.attention.RandomGate"}
"""What stands in an attention's place, by insert_pos.placebo; true is "layers"."""
GATE = "yololab.attention.Gated"
PASTED = "yololab.attention.Pasted"


def make_graph(config: Mapping[str, Any], num_classes: int, attended: bool = True, width: float | None = None) -> Graph:
    """The graph of a configuration, rewritten but not pruned; without its attention, or at another width, if asked.

    Raises GraphError or ConfigError, naming node and nearest name, where parts do not fit.
    """
    model = config["model"]
    sections = {name: config[name] if config[name].get("nodes") else None for name in model.get("sections", SECTIONS)}
    head = {**config["head"], "num_classes": num_classes}
    _require_aux(head, sections, model["name"])
    scale = scale_of(config) if width is None else replace(scale_of(config), width=width)
    graph = parse_graph(model["name"], sections, head, scale)
    if config.get("levels") is not None:  # a configuration from before there was the key has none
        graph = with_levels(graph, config["levels"])
    stage, attention = config["block"], config["attention"]
    if stage.get(TARGET):
        graph = replace_stages(graph, stage[TARGET], arguments_of(stage))
    for resample, finer in (("upsample", True), ("downsample", False)):
        chosen = config.get(resample) or {}  # a configuration from before there was the group has none
        if chosen.get(TARGET):
            graph = replace_resampling(graph, chosen[TARGET], arguments_of(chosen), finer)
    if attention.get(TARGET) and attended:
        block, arguments = _inserted(attention, config["insert_pos"])
        graph = insert(graph, block, arguments, _insertion(config["insert_pos"]))
        if placebo_of(config["insert_pos"]) == "layers":
            graph = _sized(graph, config["image_size"])
    return graph


def scale_of(config: Mapping[str, Any]) -> Scale:
    """The model's own scale of the chosen name, with the numbers that were given instead of its own.

    ConfigError with the model's list where it has none of that name.
    """
    chosen, table = config["scale"], config["model"]["scales"]
    name = str(chosen["name"])
    if name not in table:
        known = f"model={config['model']['name']} has {', '.join(table)}"
        raise ConfigError(f"scale={name}: {known}; scale.depth and scale.width change one of them")
    given = {key: value for key, value in chosen.items() if key != "name" and value is not None}
    return Scale(**{**table[name], **given})


def _sized(graph: Graph, image_size: int) -> Graph:
    """Tell every placebo of layers on how many pixels a side it is to match its attention."""
    specs = infer_specs(graph, resolve_block)

    def sized(node: Node) -> Node:
        if node.block not in (PLACEBO, GATE):
            return node
        side = max(1, image_size // specs[node.name].stride)
        if node.block == PLACEBO:
            return replace(node, args={**node.args, "side": side})
        return replace(node, args={**node.args, "attention": {**node.args["attention"], "side": side}})

    return replace(graph, nodes=tuple(sized(node) for node in graph.nodes))


def _inserted(attention: Mapping[str, Any], insert_pos: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Block and arguments of what is inserted: the attention, a placebo, either of them behind a closed gate."""
    block, arguments = attention[TARGET], arguments_of(attention)
    if _is_plain(block):
        block, arguments = PASTED, {"attention": {TARGET: block, **arguments}}
    placebo = placebo_of(insert_pos)
    for wrapper in (placebo and PLACEBOS[placebo], GATE if insert_pos.get("identity_start") else None):
        if wrapper is not None:
            arguments = {"attention": {TARGET: block, **arguments}}
            block = wrapper
    return block, arguments


def _is_plain(path: str) -> bool:
    """Whether a class is no block of ours but a module as tutorials print them; of one that cannot be had, building
    its node says why."""
    try:
        return not hasattr(find_class(path, nn.Module), "out_spec")
    except ConfigError:
        return False


def placebo_of(insert_pos: Mapping[str, Any]) -> str | None:
    """Which placebo is asked for, a key of PLACEBOS; ConfigError where there is none of that name."""
    asked = insert_pos.get("placebo")
    if asked in (None, False):
        return None
    name = "layers" if asked is True else asked
    if name not in PLACEBOS:
        known = ["false", "true", *PLACEBOS]
        raise ConfigError(
            f"insert_pos.placebo={asked}: expected one of {', '.join(known)}{did_you_mean(str(asked), known)}"
        )
    return name


def _insertion(insert_pos: Mapping[str, Any]) -> Insertion:
    """Where attention goes: the user's own `into` and `after` where there are any, else those of the choice."""
    own = Insertion(_patterns(insert_pos.get("into")), _patterns(insert_pos.get("after")))
    if own.into or own.after:
        return own
    named = insert_pos.get("named") or {}
    return Insertion(_patterns(named.get("into")), _patterns(named.get("after")))


def _patterns(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _require_aux(head: Mapping[str, Any], sections: Mapping[str, Any], model: str) -> None:
    reads_aux = any(str(source).startswith("aux.") for source in head["from"])
    if reads_aux and not sections["aux"]:
        raise ConfigError(f"head reads an auxiliary branch, and model={model} has none; choose one with aux=...")
