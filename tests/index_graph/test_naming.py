"""Names by role and level; the names of a whole graph are in test_translate.py."""

from __future__ import annotations

from index_graph.yaml_of import content_of
from yololab.index_graph.index_rows import read
from yololab.index_graph.translate import translate


def test_a_name_that_is_taken_gets_a_number():
    content = content_of()
    content["backbone"].insert(3, [-1, 1, "C2f", [128, True]])
    content["head"] = [[[3, 5], 1, "Detect", ["nc"]]]
    places = translate(read("small", content)).places
    assert list(places.values())[2:4] == ["backbone.stage2", "backbone.stage2_2"]


def test_going_up_and_then_down_is_told_apart():
    content = content_of()
    content["head"][3:] = [
        [-1, 1, "Conv", [128, 3, 2]],
        [[-1, 4], 1, "Concat", [1]],
        [-1, 3, "C2f", [256]],
        [[7, 10], 1, "Detect", ["nc"]],
    ]
    places = translate(read("small", content)).places
    assert list(places.values())[5:] == ["neck.up2", "neck.cat2", "neck.td2", "neck.down3", "neck.fuse3", "neck.bu3"]
