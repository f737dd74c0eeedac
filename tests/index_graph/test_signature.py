"""Signatures of graphs; more in test_recognise.py."""

from __future__ import annotations

from yololab.graph.node import Graph, Node
from yololab.index_graph.signature import bypassed, effective, signatures, without_attentions

CBAM = "yololab.attention.CBAM"
GRAPH = Graph(
    "made-up",
    (
        Node("b.one", "Conv", ("image",), {"channels": 8, "kernel_size": 1}),
        Node("b.gate", CBAM, ("b.one",), {"kernel_size": 5}),
        Node("b.two", "Conv", ("b.gate",), {"channels": 8}),
        Node("head", "yololab.heads.Detect", ("b.two", "b.one"), {"num_classes": 1}),
    ),
)


def test_names_and_defaults_do_not_count():
    renamed = Graph("other", tuple(node.reading("b.one", "c") for node in GRAPH.nodes[1:]))
    first = Node("c", "Conv", ("image",), {"channels": 8})
    assert signatures(Graph("other", (first, *renamed.nodes)))["head"] == signatures(GRAPH)["head"]
    assert effective(GRAPH.nodes[0]) == {"channels": 8}


def test_attentions_are_taken_out_and_their_readers_kept():
    bare, taken = without_attentions(GRAPH)
    assert [node.name for node in taken] == ["b.gate"]
    assert bare.nodes[1].inputs == ("b.one",)


def test_who_goes_around_an_attention_is_told():
    assert bypassed(GRAPH) == [("b.gate", "head", "b.one")]
