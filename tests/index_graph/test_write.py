"""Written YAML composes, and builds the very graph that was imported."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index_graph.yaml_of import TUTORIALS, graph_with
from yololab.config.compose import compose
from yololab.errors import ConfigError
from yololab.graph.from_config import make_graph
from yololab.graph.rewrite import drop_unread
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
