"""Heads of index graphs as choices of ours."""

from __future__ import annotations

import pytest

from index_graph.yaml_of import graph_with, with_row
from yololab.errors import ConfigError
from yololab.index_graph.translate import translate


def choice(graph):
    return translate(graph).head


def test_the_class_branch_is_light_where_a_newer_stage_stands_before_it():
    assert choice(graph_with()).choice == "detect"
    assert choice(with_row(4, [-1, 1, "C3k2", [256]])).choice == "detect_light"


def test_a_one_to_one_branch_is_built_where_the_file_asks_for_it():
    light = with_row(4, [-1, 1, "C3k2", [256]])
    twice = type(light)(light.name, light.rows, 5, light.scales, {"end2end": True, "reg_max": 1})
    assert (choice(twice).choice, choice(twice).arguments["reg_max"]) == ("one_to_one_direct", 1)
    assert choice(graph_with(end2end=True)).arguments["light_classes"] is False
    heavy = choice(graph_with(end2end=True, reg_max=1))
    assert (heavy.choice, heavy.arguments["light_classes"]) == ("one_to_one_direct", False)
    assert choice(with_row(8, [[7, 4], 1, "v10Detect", ["nc"]])).choice == "one_to_one"


def test_masks_keep_their_numbers():
    found = choice(with_row(8, [[7, 4], 1, "Segment", ["nc", 16, 128]]))
    assert found.choice == "v8_segment"
    assert (found.arguments["num_prototypes"], found.arguments["prototype_channels"]) == (16, 128)
    assert choice(with_row(8, [[7, 4], 1, "Segment26", ["nc", 16, 128]])).arguments["fused_prototypes"]


def test_masks_of_the_older_kind_have_no_one_to_one_branch():
    graph = with_row(8, [[7, 4], 1, "Segment", ["nc", 16, 128]])
    with pytest.raises(ConfigError, match="only Segment26 has a one-to-one branch"):
        choice(type(graph)(graph.name, graph.rows, 5, graph.scales, {"end2end": True}))


def test_the_files_activation_reaches_the_head_or_is_refused():
    relu = {"activation": "nn.ReLU()"}
    plain = graph_with()
    rows = (*plain.rows[:2], type(plain.rows[0])(2, (0, 1), 1, "Detect", ("nc",)))
    assert choice(type(plain)("relu", rows, 2, plain.scales, relu)).arguments["activation"] == "relu"
    twice = {**relu, "end2end": True}
    with pytest.raises(ConfigError, match="has SiLU inside"):
        choice(type(plain)("relu", rows, 2, plain.scales, twice))
