from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.errors import ConfigError, GraphError
from yololab.graph.from_config import make_graph, scale_of
from yololab.graph.scale import Scale


def graph(*overrides, **options):
    return make_graph(compose(list(overrides)), 3, **options)


def attentions(made):
    return [name for name in made.names if "attention" in name]


def test_the_scale_is_the_models_own_and_a_given_number_counts_more():
    assert scale_of(compose(["model=yolov8", "scale=n"])) == Scale(0.33, 0.25, 1024)
    assert scale_of(compose(["model=yolov8", "scale=n", "scale.width=0.5"])) == Scale(0.33, 0.5, 1024)


def test_a_scale_that_a_model_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(ConfigError, match=r"scale=full: model=yolov8 has n, s, m, l, x, p; scale.depth and"):
        graph("model=yolov8", "scale=full")


def test_attention_is_inserted_where_it_is_asked_for_and_left_out_if_not():
    assert attentions(graph("attention=eca")) == ["neck.spp_attention"]
    assert len(attentions(graph("attention=eca", "insert_pos=all_heads"))) == 3
    assert attentions(graph("attention=eca", attended=False)) == []


def test_a_place_of_ones_own_is_taken_instead_of_the_named_one():
    assert attentions(graph("attention=eca", "insert_pos.after=[backbone.stage4]")) == ["backbone.stage4_attention"]


def test_stages_are_exchanged_and_keep_their_width():
    plain, exchanged = graph(), graph("block=c3")
    pairs = [(a, b) for a, b in zip(plain.nodes, exchanged.nodes, strict=True) if a.stage]
    assert {b.block for _, b in pairs} == {"yololab.blocks.C3"}
    assert all(a.args["channels"] == b.args["channels"] for a, b in pairs)


def test_gates_and_placebos_are_wrapped_around_an_attention_the_gate_outside():
    made = graph("attention=cbam", "insert_pos.placebo=true", "insert_pos.identity_start=true", "image_size=320")
    (node,) = [node for node in made.nodes if "attention" in node.name]
    assert node.block == "yololab.attention.Gated"
    assert node.args["attention"]["_target_"] == "yololab.attention.Placebo"
    assert node.args["attention"]["side"] == 10


def test_a_head_that_reads_what_a_model_has_not_is_refused():
    with pytest.raises(ConfigError, match="head reads an auxiliary branch, and model=yolov8 has none"):
        graph("model=yolov8", "aux=none", "head=dual_ddetect")


def test_a_place_that_does_not_exist_names_the_nearest():
    with pytest.raises(GraphError, match=r"'backbone.stag4' matches nothing in yolov8; did you mean 'backbone.stage4'"):
        graph("attention=eca", "insert_pos.after=[backbone.stag4]")
