"""Written YAML composes, and builds the very graph that was imported."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index_graph.yaml_of import TUTORIALS, graph_with, with_row
from yololab.config.compose import compose
from yololab.errors import ConfigError
from yololab.graph.from_config import make_graph
from yololab.graph.rewrite import drop_unread
from yololab.graph.scale import Scale
from yololab.index_graph.imported_graph import graph_of
from yololab.index_graph.index_rows import read_file
from yololab.index_graph.signature import signatures
from yololab.index_graph.translate import translate
from yololab.index_graph.write import without_defaults, write


@pytest.mark.parametrize("name", ["yolov8n-se", "yolo11-dysample-spd", "yolov9-cbam"])
def test_what_is_written_builds_the_same_graph_at_every_scale(tmp_path, name):
    imported = replace(translate(read_file(TUTORIALS / f"{name}.yaml")), name="mine")
    write(imported, tmp_path, "Imported.")
    for letter in imported.scales:
        config = compose(["model=mine", f"scale={letter}"], str(tmp_path / "conf"))
        wanted = drop_unread(graph_of(imported, letter))
        assert signatures(drop_unread(make_graph(config, 80)))["head"] == signatures(wanted)["head"]
    assert compose(["model=mine", "scale=p"], str(tmp_path / "conf"))["scale"]["name"] == "p"


def test_nothing_is_overwritten(tmp_path):
    imported = translate(graph_with())
    write(imported, tmp_path, "Imported.")
    with pytest.raises(ConfigError, match=r"small.yaml.*nothing is overwritten"):
        write(imported, tmp_path, "Imported.")


def test_a_letter_of_its_own_gets_a_file(tmp_path):
    imported = translate(graph_with(scales={"tiny": [0.33, 0.25, 512]}))
    paths = write(imported, tmp_path, "Imported.")
    assert tmp_path / "conf" / "scale" / "tiny.yaml" in paths
    config = compose(["model=small", "scale=tiny"], str(tmp_path / "conf"))
    assert config["model"]["scales"]["tiny"]["max_channels"] == 512


def test_defaults_are_left_out():
    node = {"block": "Conv", "from": "image", "channels": 8, "kernel_size": 1, "stride": 2, "groups": None}
    assert without_defaults(node) == {"block": "Conv", "from": "image", "channels": 8, "stride": 2, "groups": None}


@pytest.mark.parametrize(
    ("index", "row", "extra"),
    [
        (4, [-1, 1, "RepC3", [256]], {}),
        (4, [-1, 3, "RepC3", [256]], {}),
        (1, [-1, 1, "Conv", [42, 3, 2]], {}),
        (2, [-1, 9, "Conv", [128, 3, 1]], {}),
        (4, [-1, 1, "C3k2", [256]], {"reg_max": 1}),
        (4, [-1, 1, "C3k2", [256]], {"reg_max": 1, "end2end": True}),
        (8, [[7, 4], 1, "Segment26", ["nc", 16, 64]], {"end2end": True}),
        (8, [[7, 4], 1, "Segment", ["nc", 16, 64]], {}),
    ],
)
def test_odd_rows_are_written_as_they_were_read(tmp_path, index, row, extra):
    graph = with_row(index, row)
    imported = translate(type(graph)("odd", graph.rows, 5, {**graph.scales, "m": Scale(0.67, 0.75, 768)}, extra))
    write(imported, tmp_path, "Imported.")
    for letter in imported.scales:
        config = compose(["model=odd", f"scale={letter}"], str(tmp_path / "conf"))
        wanted = drop_unread(graph_of(imported, letter))
        assert signatures(drop_unread(make_graph(config, 80)))["head"] == signatures(wanted)["head"]
    if extra.get("reg_max") == 1:
        assert config["loss"]["gains"]["distances"] == 1.5


def test_places_in_checkpoints_leave_out_rows_that_hand_on(tmp_path):
    write(translate(with_row(2, [-1, 1, "nn.Identity", []])), tmp_path, "Imported.")
    places = compose(["model=small"], str(tmp_path / "conf"))["model"]["checkpoint"]
    assert places["model.8"] == "head"
    assert "model.2" not in places
