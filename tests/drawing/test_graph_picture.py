from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from drawing.test_graph_layout import NODES
from yololab.config.compose import compose
from yololab.drawing.graph_layout import DrawnNode
from yololab.drawing.graph_nodes import nodes_of
from yololab.drawing.graph_picture import HEIGHT, WIDTH, standalone


def test_it_is_xml_with_every_node_and_every_edge_between_nodes():
    drawn = ElementTree.fromstring(standalone("a <title>", NODES))
    name = "{http://www.w3.org/2000/svg}"
    assert drawn.find(f"{name}title").text == "a <title>"
    assert len(drawn.findall(f".//{name}rect[@class='node']")) == len(NODES)
    edges = [path for path in drawn.iter(f"{name}path") if "edge" in path.get("class")]
    assert len(edges) == sum(source != "image" for node in NODES for source in node.inputs)


def test_what_was_inserted_is_marked_with_its_edges_and_named_by_its_block():
    nodes = [replace(node, mark="inserted", block="CBAM") if node.name == "neck.cat" else node for node in NODES]
    drawn = standalone("t", nodes)
    assert drawn.count('class="inserted"') == 1
    assert drawn.count('class="edge new"') == 4  # two that it reads, two that read it
    assert re.search(r'class="local"[^>]*>CBAM<', drawn)


def test_text_of_others_is_text():
    drawn = standalone("t", [DrawnNode("backbone.<b>", "backbone", "<i>", ("image",), 1)])
    ElementTree.fromstring(drawn)
    assert "<b>" not in drawn


@pytest.mark.parametrize(
    "overrides",
    [
        ["model=yolov8", "attention=cbam", "insert_pos=neck"],
        ["model=yolov9", "attention=gam", "insert_pos=all_heads"],
        ["model=yolov6"],
    ],
    ids=lambda overrides: overrides[0],
)
def test_no_edge_runs_through_a_node_and_no_two_nodes_meet(overrides):
    """Straight edges and the horizontal parts of those that go around."""
    drawn = standalone("t", nodes_of(compose([*overrides, "image_size=64"]), 3))
    boxes = [
        tuple(float(re.search(rf' {key}="([-\d.]+)"', box).group(1)) for key in ("x", "y", "width", "height"))
        for box in re.findall(r'<rect class="node"[^>]*>', drawn)
    ]
    assert len({(x, y) for x, y, *_ in boxes}) == len(boxes)
    for steps in re.findall(r'<path class="edge[^"]*" d="([^"]*)"', drawn):
        for x1, y1, x2, y2 in re.findall(r"([-\d.]+) ([-\d.]+)L([-\d.]+) ([-\d.]+)", steps):
            low, high = sorted((float(x1), float(x2)))
            for x, y, width, height in boxes:
                assert width == WIDTH
                assert height >= HEIGHT
                if y1 == y2:  # along a level: no node that it neither leaves nor reaches
                    crosses = y < float(y1) < y + height and low < x and x + width < high
                    assert not crosses, steps


def test_changes_are_those_against_the_plain_model():
    config = compose(["model=yolov8", "attention=eca", "insert_pos=neck", "block=c2f_dynamic", "image_size=64"])
    marks = {node.name: node.mark for node in nodes_of(config, 3)}
    assert marks["backbone.stem"] == ""
    assert marks["backbone.stage2"] == "exchanged"
    assert [name for name, mark in marks.items() if mark == "inserted"] == ["neck.spp_attention"]
