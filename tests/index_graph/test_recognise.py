"""Imported graphs that choices build: three files as tutorials print them, and what no choice builds."""

from __future__ import annotations

import pytest

from index_graph.yaml_of import TUTORIALS, graph_with
from yololab.graph.from_config import make_graph
from yololab.index_graph.index_rows import read, read_file
from yololab.index_graph.recognise import recognise
from yololab.index_graph.signature import signatures
from yololab.index_graph.translate import translate


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("yolov8n-se", ["model=yolov8", "attention=se", "insert_pos.after=[backbone.stage5]"]),
        ("yolov9-cbam", ["model=yolov9_c", "attention=cbam", "insert_pos.after=[neck.spp]"]),
        ("yolo11-dysample-spd", None),
    ],
)
def test_a_tutorials_file_comes_back_as_the_choices_that_build_it(name, choices):
    assert recognise(translate(read_file(TUTORIALS / f"{name}.yaml"))) == choices


def changed(row, name="yolov8n-se"):
    """A file of the tutorials with other rows: {index: row}."""
    import yaml

    content = yaml.safe_load((TUTORIALS / f"{name}.yaml").read_text())
    for index, new in row.items():
        section, place = ("backbone", index) if index < 11 else ("head", index - 11)
        content[section][place] = new
    return read(name, content)


def test_an_attention_that_one_reader_goes_around_is_an_edge():
    around = changed({9: [-1, 1, "SPPF", [1024, 5]], 10: [-1, 1, "CBAM", [256, 7]], 21: [[-1, 9], 1, "Concat", [1]]})
    found = recognise(translate(around))
    assert found == ["model=yolov8", "attention=cbam", 'insert_pos.into=["backbone.spp -> neck.up4"]']


def test_a_named_place_is_called_by_its_name():
    neck = changed({9: [-1, 1, "SPPF", [1024, 5]], 10: [-1, 1, "CBAM", [256, 5]]})
    found = recognise(translate(neck))
    assert found == ["model=yolov8", "attention=cbam", "attention.kernel_size=5", "insert_pos=neck"]


def test_exchanged_stages_are_a_block():
    rows = {
        index: [-1, repeats, "C3", [channels, True]]
        for index, repeats, channels in ((2, 3, 128), (4, 6, 256), (6, 6, 512), (8, 3, 1024))
    }
    rows |= {13: [-1, 3, "C3", [512]], 16: [-1, 3, "C3", [256]], 19: [-1, 3, "C3", [512]], 22: [-1, 3, "C3", [1024]]}
    found = recognise(translate(changed(rows)))
    assert found == ["model=yolov8", "block=c3", "attention=se", "insert_pos.after=[backbone.stage5]"]


def test_a_graph_of_its_own_is_no_choice():
    assert recognise(translate(graph_with())) is None


def test_signatures_know_networks_by_what_they_compute():
    from yololab.config.compose import compose

    one, other = (make_graph(compose(["model=yolov8", f"attention={name}"]), 80) for name in ("se", "eca"))
    assert signatures(one)["head"] == signatures(one)["head"] != signatures(other)["head"]
    assert signatures(one, shape_alone=True)["head"] == signatures(other, shape_alone=True)["head"]
