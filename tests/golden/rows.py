"""The rows of a reference's YAML against our graph: what every row reads, and with which arguments."""

from __future__ import annotations

import inspect
from typing import Any

from golden.arguments import Arguments
from golden.constructors import IN, MAKERS
from yololab.detector import Detector
from yololab.graph.build import resolve_block
from yololab.graph.node import IMAGE, Node

GIVEN: dict[str, tuple[list[Any], ...]] = {
    "Concat": ([1],),
    "nn.Upsample": (["None", 2, "nearest"], [None, 2, "nearest"]),
    "DDetect": (["nc"],),
    "DualDDetect": (["nc"],),
    **dict.fromkeys(("GAM", "CBAM", "CoordAtt", "ECA"), ([],)),
}
"""The only arguments with which ours stands for these rows."""


def check_rows(arguments: Arguments, detector: Detector, rows: list[Any], layers: dict[int, str]) -> None:
    """Fail for the first row that our graph does not have."""
    passes_image = rows[0][2] == "Silence"
    backbone = sum(node.section == "backbone" for node in detector.graph.nodes) + passes_image
    arguments.equals("n_backbone", backbone, "our graph")
    places = {-1: IMAGE, 0: IMAGE, **layers}
    nodes = {node.name: node for node in detector.graph.nodes}
    if len(rows) != len(layers) + passes_image:
        arguments.fail(f"argument rows has {len(rows)} rows, our graph {len(layers)} nodes")
    for index, (sources, repeats, module, given) in enumerate(rows):
        if module == "Silence":
            continue
        node, place = nodes[layers[index]], f"argument rows: row {index} ({module})"
        wanted = [places[index + s if s < 0 else s] for s in (sources if isinstance(sources, list) else [sources])]
        if repeats != 1:
            arguments.fail(f"{place} is repeated {repeats} times, our {node.name} is not")
        if list(node.inputs) != wanted:
            arguments.fail(f"{place} reads {wanted}, our {node.name} reads {list(node.inputs)}")
        if class_name(module) != node.block.rpartition(".")[2]:
            arguments.fail(f"{place} is our {node.name}, a {node.block}")
        if given not in GIVEN.get(module, ()):
            _check_arguments(arguments, place, node, module, given)


def class_name(module: str) -> str | None:
    """Our class for a row's; None where there is none."""
    if module in MAKERS and module not in GIVEN:
        block = MAKERS[module].block
        return getattr(block, "func", block).__name__
    return module.removeprefix("nn.") if module in GIVEN else None


def _check_arguments(arguments: Arguments, place: str, node: Node, module: str, given: list[Any]) -> None:
    names = [] if module in GIVEN else [name for name, ours in MAKERS[module].names.items() if ours != IN]
    if len(given) > len(names):
        arguments.fail(f"{place} with {given} is not known")
    ours = MAKERS[module].translated(dict(zip(names, given, strict=False)), arguments)
    defaults = inspect.signature(resolve_block(node).__init__).parameters
    for name, value in ours.items():
        have = node.args.get(name, defaults[name].default)
        if have != value:
            arguments.fail(f"{place} has {name}={value}, our {node.name} has {have}")
