from __future__ import annotations

from dataclasses import replace

import pytest

from yololab.graph.node import FeatureSpec, Graph, Node

STEM = Node("backbone.stem", "Conv", ("image",), {"channels": 8})
HEAD = Node("head", "yololab.heads.Detect", ("backbone.stem", "backbone.stem"))
GRAPH = Graph("m", (STEM, HEAD), {"backbone.p3": "backbone.stem"})


def test_a_name_is_a_section_and_a_place_in_it():
    assert (STEM.section, STEM.local_name) == ("backbone", "stem")
    assert (HEAD.section, HEAD.local_name) == ("head", "head")


def test_all_edges_from_a_node_move_together():
    assert HEAD.reading("backbone.stem", "neck.x").inputs == ("neck.x", "neck.x")


def test_a_graph_knows_its_head_its_names_and_who_reads_what():
    assert GRAPH.head is HEAD
    assert GRAPH.names == ["backbone.stem", "head"]
    assert GRAPH.readers("backbone.stem") == [HEAD]


def test_a_fingerprint_follows_what_shapes_the_network_and_not_its_name():
    assert replace(GRAPH, name="other").fingerprint() == GRAPH.fingerprint()
    wider = replace(GRAPH, nodes=(replace(STEM, args={"channels": 16}), HEAD))
    assert wider.fingerprint() != GRAPH.fingerprint()


def test_several_maps_have_no_single_width():
    assert FeatureSpec(8, 4).width == 8
    with pytest.raises(ValueError, match="expected one feature map, got 2 maps"):
        _ = FeatureSpec((8, 16), 4).width
