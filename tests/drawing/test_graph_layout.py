from __future__ import annotations

from yololab.drawing.graph_layout import DrawnNode, lay_out, level_of


def node(name, level, *inputs):
    return DrawnNode(name, name.partition(".")[0], "Conv", inputs, level)


NODES = [
    node("backbone.stem", 1, "image"),
    node("backbone.down", 2, "backbone.stem"),
    node("backbone.stage", 2, "backbone.down"),
    node("neck.up", 1, "backbone.stage"),
    node("neck.cat", 1, "neck.up", "backbone.stem"),
    node("neck.down", 2, "neck.cat"),
    node("head", 0, "neck.cat", "neck.down"),
]


def test_lanes_stand_side_by_side_and_a_node_beside_or_under_what_it_reads():
    layout = lay_out(NODES)
    columns = {name: place.column for name, place in layout.places.items()}
    assert layout.lanes == {"backbone": (0, 1), "neck": (2, 3), "head": (4, 4)}
    assert columns["backbone.stem"] == columns["backbone.down"] == 0  # one under the other
    assert columns["backbone.stage"] == 1
    assert (columns["neck.up"], columns["neck.cat"], columns["neck.down"]) == (2, 3, 3)


def test_the_head_spans_the_levels_that_it_reads():
    head = lay_out(NODES).places["head"]
    assert (head.top, head.bottom) == (0, 1)


def test_no_two_nodes_share_a_place():
    many = [node(f"backbone.n{i}", 1, "image") for i in range(5)]
    places = list(lay_out(many).places.values())
    assert len(set(places)) == 5


def test_levels_are_powers_of_two():
    assert [level_of(stride) for stride in (1, 2, 8, 32, 33, 0.5)] == [0, 1, 3, 5, 5, 0]
