import subprocess
import sys

import pytest

from yololab.errors import GraphError
from yololab.graph.node import FeatureSpec
from yololab.graph.parse import parse_graph
from yololab.graph.scale import Scale, make_divisible

HEAD = {"block": "yololab.heads.Detect", "from": ["backbone.p3"], "num_classes": 1}


def conv(source, channels=8, **args):
    return {"block": "Conv", "from": source, "channels": channels, **args}


def sections(**nodes):
    return {"backbone": {"nodes": nodes, "outputs": {"p3": next(reversed(nodes))}}}


def test_names_are_local_to_their_section_and_outputs_are_resolved():
    graph = parse_graph("m", sections(stem=conv("image"), stage=conv("stem")), HEAD)
    assert graph.names == ["backbone.stem", "backbone.stage", "head"]
    assert graph.nodes[1].inputs == ("backbone.stem",)
    assert graph.head.inputs == ("backbone.stage",)


def test_nodes_may_be_declared_in_any_order():
    graph = parse_graph(
        "m", {"backbone": {"nodes": {"b": conv("a"), "a": conv("image")}, "outputs": {"p3": "b"}}}, HEAD
    )
    assert graph.names == ["backbone.a", "backbone.b", "head"]


def test_an_unknown_source_names_the_node_and_the_nearest_name():
    with pytest.raises(GraphError, match=r"node 'backbone.b' reads 'backbone.stm'.*did you mean 'backbone.stem'"):
        parse_graph("m", sections(stem=conv("image"), b=conv("stm")), HEAD)


def test_a_cycle_lists_its_members():
    with pytest.raises(GraphError, match="cycle: backbone.a, backbone.b"):
        parse_graph("m", sections(a=conv("b"), b=conv("a")), HEAD)


def test_a_node_without_block_is_refused_by_name():
    with pytest.raises(GraphError, match="node 'backbone.a': expected a mapping with `block` and `from`"):
        parse_graph("m", sections(a={"from": "image"}), HEAD)


def test_an_output_that_names_no_node_is_refused():
    with pytest.raises(GraphError, match="output 'backbone.p3' names 'backbone.stag'.*'backbone.stage'"):
        parse_graph("m", {"backbone": {"nodes": {"stage": conv("image")}, "outputs": {"p3": "stag"}}}, HEAD)


@pytest.mark.parametrize(
    ("scale", "channels", "repeats"),
    [(Scale(0.33, 0.25, 1024), 256, 1), (Scale(0.67, 0.75, 768), 576, 2), (Scale(1.0, 1.25, 512), 640, 3)],
)
def test_scaling_caps_then_multiplies_then_rounds_up_to_eight(scale, channels, repeats):
    args = scale.apply({"channels": 1024, "repeats": 3, "kernel_size": 3})
    assert args == {"channels": channels, "repeats": repeats, "kernel_size": 3}


def test_make_divisible_never_goes_below():
    assert [make_divisible(v) for v in (1, 8, 8.1, 15.9)] == [8, 8, 16, 16]


def test_a_feature_with_several_maps_has_no_one_width():
    with pytest.raises(ValueError, match="expected one feature map, got 2"):
        _ = FeatureSpec((8, 16), 4).width


def test_parse_rewrite_and_infer_do_not_import_torch():
    code = (
        "import yololab.graph.parse, yololab.graph.rewrite, yololab.graph.infer, sys; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
