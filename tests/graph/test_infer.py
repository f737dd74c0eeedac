from __future__ import annotations

import pytest

from yololab.errors import GraphError
from yololab.graph.build import resolve_block
from yololab.graph.infer import infer_specs
from yololab.graph.node import FeatureSpec, Graph, Node

HEAD = Node("head", "yololab.heads.Detect", ("b.down",))


def graph(*nodes):
    return Graph("m", (*nodes, HEAD))


def test_channels_and_strides_follow_the_nodes():
    found = infer_specs(
        graph(
            Node("b.stem", "Conv", ("image",), {"channels": 8, "stride": 2}),
            Node("b.down", "Conv", ("b.stem",), {"channels": 16, "stride": 2}),
            Node("b.up", "Upsample", ("b.down",)),
            Node("b.cat", "Concat", ("b.up", "b.stem")),
        ),
        resolve_block,
    )
    assert found["image"] == FeatureSpec(3, 1)
    assert (found["b.down"], found["b.cat"]) == (FeatureSpec(16, 4), FeatureSpec(24, 2))


def test_a_block_that_does_not_say_what_it_yields_is_refused_with_what_to_derive_it_from():
    with pytest.raises(GraphError, match=r"node 'b.down': torch.nn.ReLU has no out_spec; derive it from"):
        infer_specs(graph(Node("b.down", "torch.nn.ReLU", ("image",))), resolve_block)


def test_what_does_not_fit_is_told_with_the_node_and_what_it_reads():
    with pytest.raises(
        GraphError, match=r"m: node 'b.down' \(Conv\) reading image \(3 channels, stride 1\): it lacks 'channels'"
    ):
        infer_specs(graph(Node("b.down", "Conv", ("image",))), resolve_block)
