from __future__ import annotations

from yololab.config.compose import compose
from yololab.drawing.graph_nodes import nodes_of


def test_nodes_say_their_level_size_and_what_stands_within_a_wrapper():
    config = compose(["model=yolov8", "attention=eca", "insert_pos=neck", "insert_pos.placebo=true", "image_size=64"])
    nodes = {node.name: node for node in nodes_of(config, 3)}
    assert nodes["backbone.stage5"].level == 5
    assert "parameters" in nodes["backbone.stem"].told
    assert nodes["neck.spp_attention"].block == "Placebo(ECA)"
    assert nodes["head"].section == "head"
