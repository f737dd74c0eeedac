"""Rows as nodes; the golden index graphs compare parameters by row, these what is said and refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index_graph.yaml_of import TUTORIALS, content_of, graph_with, with_row
from yololab.errors import ConfigError
from yololab.index_graph.imported_graph import build
from yololab.index_graph.index_rows import read, read_file
from yololab.index_graph.translate import translate


def test_nodes_are_named_by_role_and_level():
    imported = translate(graph_with())
    assert list(imported.places.values()) == [
        "backbone.stem", "backbone.down2", "backbone.stage2", "backbone.down3", "backbone.stage3",
        "neck.up2", "neck.cat2", "neck.td2",
    ]  # fmt: skip
    assert imported.sections["backbone"]["outputs"] == {"p2": "stage2", "p3": "stage3"}
    assert imported.sections["neck"]["nodes"]["cat2"]["from"] == ["up2", "backbone.p2"]
    assert imported.head.sources == ("neck.p2", "backbone.p3")


def test_widths_that_the_reference_leaves_alone_stay_at_every_scale():
    imported = translate(with_row(4, [-1, 1, "SPPELAN", [256, 32]]))
    assert imported.sections["backbone"]["nodes"]["spp"]["fixed"] == ["hidden"]
    node = build(imported, "n").node("backbone.spp")
    assert node.cv1.conv.out_channels == 32
    assert node.cv5.conv.out_channels == 64


def test_what_has_no_repeats_of_its_own_stands_in_a_row():
    imported = translate(with_row(2, [-1, 9, "Conv", [128, 3, 1]]))
    node = imported.sections["backbone"]["nodes"]["conv2"]
    assert (node["block"], node["of"], node["repeats"]) == ("Chain", "Conv", 9)
    assert len(build(imported, "n").node("backbone.conv2").blocks) == 3


def test_an_activation_of_the_whole_file_reaches_every_convolution():
    graph = with_row(2, [-1, 1, "Conv", [128, 3, 1]])
    plain = type(graph)(graph.name, graph.rows[:4] + graph.rows[8:], 4, graph.scales, {"activation": "nn.ReLU()"})
    rows = (*plain.rows[:4], type(plain.rows[0])(4, (3, 2), 1, "Detect", ("nc",)))
    imported = translate(type(plain)("relu", rows, 4, plain.scales, plain.extra))
    assert {node["activation"] for node in imported.sections["backbone"]["nodes"].values()} == {"relu"}
    with pytest.raises(ConfigError, match=r"row 2 \(C2f\) has SiLU inside"):
        translate(graph_with(activation="nn.ReLU()"))


@pytest.mark.parametrize(
    ("index", "row", "message"),
    [
        (4, [-1, 3, "SE", [64]], r"row 4 \(SE\) stands 3 times in one row"),
        (4, [-1, 3, "RepNCSPELAN4", [64, 32, 16, 1]], "stands 3 times in one row"),
        (4, [[-1, 2], 1, "Detect", ["nc"]], "stands before other rows"),
        (2, [-1, 1, "Conv", [64, 3, [2, 2]]], "stride="),
        (4, [-1, 1, "MyBlock", [64]], "MyBlock: not known here.*--map MyBlock=my_module.MyBlock"),
        (4, [-1, 1, "C2ff", [64]], "C2ff may be C2f"),
        (
            4,
            [-1, 1, "C2fAttn", [64]],
            "C2fAttn: it also reads the embeddings of texts, so",
        ),
        (8, [[7, 4], 1, "Pose", ["nc"]], "keypoints are not predicted here"),
        (8, [[7, 4], 1, "Conv", [8]], "expected the head, one of Detect"),
        (5, [-1, 1, "nn.Upsample", [None, 2, "bilinear"]], "mode='bilinear': only 'nearest' is understood"),
        (2, [-1, 1, "Conv", [1, 1, 1, None, 1, 1, True, 9]], "7 arguments at most"),
        (2, [-1, 1, "Conv", ["wide", 3]], "channels='wide': expected a number"),
        (2, [-1, 1, "Conv", [64, 3, 1, None, 1, 1, "nn.Softmax()"]], "activation .*not known here"),
        (2, [-1, 1, "C2f", [64.5]], "channels=64.5: expected a whole number"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(index, row, message):
    with pytest.raises(ConfigError, match=message):
        translate(with_row(index, row))


def test_the_auxiliary_branch_of_a_dual_head_is_a_section_of_its_own():
    imported = translate(read_file(TUTORIALS / "yolov9-cbam.yaml"))
    assert imported.head.choice == "dual_ddetect"
    assert imported.head.sources[:3] == ("aux.p3", "aux.p4", "aux.p5")
    assert set(imported.sections) == {"backbone", "neck", "aux"}
    assert imported.sections["neck"]["nodes"]["cbam5"]["block"] == "yololab.attention.CBAM"


def test_a_width_that_a_row_writes_is_kept_for_comparison():
    assert translate(read_file(TUTORIALS / "yolov8n-se.yaml")).written_widths == {"backbone.se5": 256}


def test_widths_are_rounded_once_and_repeats_are_the_files():
    imported = translate(with_row(1, [-1, 1, "Conv", [42, 3, 2]]))
    scale = replace(imported.scales["n"], width=0.75)
    assert scale.channels(42) == 32, "ceil(31.5 / 8) * 8, as the reference rounds"
    single = translate(with_row(4, [-1, 1, "RepC3", [256]])).sections["backbone"]["nodes"]["stage3"]
    assert single["repeats"] == 1


def test_without_a_table_of_scales_the_files_name_has_the_letter_or_all_have():
    content = {key: value for key, value in content_of().items() if key != "scales"}
    content["backbone"][4] = [-1, 1, "C3k2", [256]]
    for name, forced in (("yolo11n-mine", False), ("yolo11m", True), ("mine", True)):
        scale = translate(read(name, content)).scales["full"]
        assert scale.args == ({"C3k2": {"c3k": True}} if forced else {})
