import pytest

import yololab
from yololab.config.compose import compose
from yololab.errors import ConfigError, GraphError
from yololab.graph.from_config import make_graph
from yololab.graph.rewrite import Insertion, drop_unread, insert, replace_stages

ECA = "yololab.attention.ECA"


def graph(*overrides):
    return make_graph(compose(list(overrides)), num_classes=3)


def readers(g, name):
    return [node.name for node in g.readers(name)]


def test_into_changes_the_chosen_edges_and_leaves_other_readers_alone():
    g = insert(graph("model=yolov9"), ECA, {}, Insertion(into=["backbone.p5 -> neck.*"]))
    assert readers(g, "neck.stage5_attention") == ["neck.spp"]
    # S0.3 of the golden notes: CBLinear keeps reading the unattended feature.
    assert readers(g, "backbone.stage5") == ["neck.stage5_attention", "aux.route5"]


def test_after_changes_every_reader():
    g = insert(graph("model=yolov9"), ECA, {}, Insertion(after=["* -> head"]))
    added = [name for name in g.names if "attention" in name]
    assert added == [
        "neck.td3_attention",
        "neck.bu4_attention",
        "neck.bu5_attention",
        "aux.stage3_attention",
        "aux.stage4_attention",
        "aux.stage5_attention",
    ]
    # S0.4: the next downsampling reads the attended map.
    assert readers(g, "neck.td3") == ["neck.td3_attention"]
    assert readers(g, "neck.td3_attention") == ["neck.down4", "head"]


def test_one_source_with_two_readers_in_a_section_gets_one_module():
    g = graph("model=yolov8", "attention=cbam", "insert_pos=neck")
    assert [name for name in g.names if "attention" in name] == ["neck.spp_attention"]
    assert readers(g, "neck.spp_attention") == ["neck.up4", "neck.fuse5"]


def test_ones_own_place_replaces_the_named_one():
    g = graph("attention=eca", "insert_pos.after=[backbone.stage*]")
    assert [n for n in g.names if "attention" in n] == [f"backbone.stage{level}_attention" for level in (2, 3, 4, 5)]


def test_a_pattern_that_matches_nothing_is_refused_with_the_nearest_name():
    with pytest.raises(GraphError, match=r"'backbone.stag5' matches nothing.*did you mean 'backbone.stage5'"):
        graph("attention=eca", "insert_pos.after=[backbone.stag5]")


def test_into_without_an_arrow_says_what_an_edge_looks_like():
    with pytest.raises(GraphError, match="expected an edge 'SOURCE -> READER'"):
        graph("attention=eca", "insert_pos.into=[backbone.p5]")


def test_what_the_head_does_not_read_is_dropped():
    g = drop_unread(graph("model=gelan"))
    assert not [name for name in g.names if name.startswith("aux.")]
    assert [name for name in drop_unread(graph("model=yolov9")).names if name.startswith("aux.")]


def test_no_attention_is_one_graph_wherever_it_would_have_gone():
    prints = {
        yololab.build(["scale=p", "attention=none", f"insert_pos={place}"], device="meta").fingerprint
        for place in ("neck", "all_heads")
    }
    assert len(prints) == 1
    assert yololab.build(["scale=p", "attention=eca"], device="meta").fingerprint not in prints


def test_inserting_only_adds_parameters():
    plain = yololab.build(["scale=p"], device="meta").state_dict().keys()
    attended = yololab.build(["scale=p", "attention=gam", "insert_pos=all_heads"], device="meta").state_dict().keys()
    assert plain < attended


def test_stages_are_exchanged_and_keep_their_width_and_depth():
    g = replace_stages(graph("model=yolov9"), "yololab.blocks.C2f", {})
    stage = next(node for node in g.nodes if node.name == "backbone.stage3")
    assert (stage.block, dict(stage.args)) == ("yololab.blocks.C2f", {"channels": 512, "repeats": 1})


def test_a_head_that_needs_an_auxiliary_branch_says_so():
    with pytest.raises(ConfigError, match="head reads an auxiliary branch, and model=yolov8 has none"):
        graph("model=yolov8", "head=dual_ddetect", "aux=none")
