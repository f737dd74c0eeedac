import pytest
import torch

import yololab
from yololab.errors import GraphError
from yololab.graph.build import build_graph
from yololab.graph.parse import parse_graph

HEAD = {"block": "yololab.heads.Detect", "from": ["backbone.b"], "num_classes": 1}


def build(**nodes):
    return build_graph(parse_graph("m", {"backbone": {"nodes": nodes}}, HEAD), device="meta")


def test_an_unknown_block_names_the_node_and_the_nearest_block():
    with pytest.raises(GraphError, match=r"node 'backbone.b': block 'Convv': no 'Convv' in .*did you mean 'Conv'"):
        build(b={"block": "Convv", "from": "image", "channels": 8})


def test_an_unknown_argument_names_the_node():
    with pytest.raises(GraphError, match=r"node 'backbone.b' \(Conv\).*kernel"):
        build(b={"block": "Conv", "from": "image", "channels": 8, "kernel": 3})


def test_strides_that_do_not_meet_name_the_node_and_what_it_reads():
    a = {"block": "Conv", "from": "image", "channels": 8, "stride": 2}
    with pytest.raises(
        GraphError, match=r"'backbone.b' \(Concat\) reading image .*expected inputs of one stride.*\[1, 2\]"
    ):
        build(a=a, b={"block": "Concat", "from": ["image", "a"]})


def test_a_block_outside_the_package_is_reached_by_its_path():
    built = build(b={"block": "yololab.attention.ECA", "from": "image"})
    assert type(built.modules["backbone.b"]).__name__ == "ECA"


def test_weights_depend_on_seed_and_name_alone():
    plain = yololab.build(["scale=p", "seed=3"]).state_dict()
    attended = yololab.build(["scale=p", "seed=3", "attention=cbam"]).state_dict()
    other = yololab.build(["scale=p", "seed=4"]).state_dict()
    assert all(torch.equal(value, attended[key]) for key, value in plain.items())
    assert not torch.equal(plain["backbone.stem.conv.weight"], other["backbone.stem.conv.weight"])


def test_building_leaves_the_global_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    yololab.build(["scale=p"])
    assert torch.equal(torch.rand(1), expected)
