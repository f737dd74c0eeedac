"""Channels and strides of every node, asked of the blocks themselves, so that nobody types in_channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from yololab.errors import GraphError
from yololab.graph.node import IMAGE, FeatureSpec, Graph, Node

IMAGE_SPEC = FeatureSpec(channels=3, stride=1)


class SpecifiesOutput(Protocol):
    """What inference needs of a block class."""

    def out_spec(self, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """Return what the block yields for these inputs; raise ValueError where they do not fit."""
        ...


def infer_specs(graph: Graph, block_of: Callable[[Node], Any]) -> dict[str, FeatureSpec]:
    """Return the FeatureSpec of the image and of every node but the head.

    Raises GraphError that names the node and what it reads where sizes or arguments do not fit.
    """
    specs = {IMAGE: IMAGE_SPEC}
    for node in graph.nodes[:-1]:
        inputs = [specs[name] for name in node.inputs]
        block: SpecifiesOutput = block_of(node)
        if not hasattr(block, "out_spec"):
            raise GraphError(
                f"{graph.name}: node {node.name!r}: {node.block} has no out_spec; derive it from "
                "yololab.blocks.Block, or an attention from yololab.attention.Attention"
            )
        try:
            specs[node.name] = block.out_spec(inputs, **node.args)
        except KeyError as error:
            raise GraphError(f"{_place(graph, node, specs)}: it lacks {error.args[0]!r}") from error
        except (ValueError, TypeError) as error:
            raise GraphError(f"{_place(graph, node, specs)}: {error}") from error
    return specs


def _place(graph: Graph, node: Node, specs: dict[str, FeatureSpec]) -> str:
    read = ", ".join(f"{name} ({specs[name].channels} channels, stride {specs[name].stride})" for name in node.inputs)
    return f"{graph.name}: node {node.name!r} ({node.block}) reading {read}"
