"""Files of others: what is read, and what is refused by row."""

from __future__ import annotations

import os

import pytest

from index_graph.yaml_of import SMALL, content_of, graph_with, with_row
from yololab.errors import ConfigError
from yololab.graph.scale import Scale
from yololab.index_graph.index_rows import read, read_file


def test_rows_are_numbered_through_and_know_what_they_read():
    graph = graph_with()
    assert [row.module for row in graph.rows][5:] == ["nn.Upsample", "Concat", "C2f", "Detect"]
    assert graph.rows[6].source_rows() == [5, 2]
    assert graph.rows[0].source_rows() == [-1], "the image"
    assert graph.rows[5].args == (None, 2, "nearest")
    assert graph.backbone_rows == 5


def test_scales_are_a_table_or_two_numbers():
    assert graph_with().scales["s"] == Scale(0.33, 0.5, 1024)
    without = {key: value for key, value in content_of().items() if key != "scales"}
    assert read("old", {**without, "depth_multiple": 0.33, "width_multiple": 0.5}).scales == {"full": Scale(0.33, 0.5)}
    assert not read("old", without).is_scaled


def test_what_is_read_otherwise_is_said():
    assert any("anchors" in remark for remark in graph_with(anchors=[[10, 13]]).remarks)


@pytest.mark.parametrize(
    ("index", "row", "message"),
    [
        (2, [-1, 3, "C2f"], r"row 2: expected \[from, repeats, module, args\]"),
        (2, [-1, 0, "C2f", [128]], "row 2: expected row numbers and a number of repeats"),
        (2, ["-1", 3, "C2f", [128]], "row 2: expected row numbers"),
        (2, [-1, 3, 7, [128]], "row 2: expected a module's name"),
        (2, [-1, 3, "C2f", 128], "row 2: expected a module's name and a list"),
        (6, [[-1, 7], 1, "Concat", [1]], r"row 6 \(Concat\) reads row 7, which comes only later"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(index, row, message):
    with pytest.raises(ConfigError, match=message):
        with_row(index, row)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backbone": []}, "has no `backbone:`"),
        ({"head": {}}, "has no `head:`"),
        ({"scales": {"n": [0.3]}}, "scale n: expected"),
        ({"scales": {"n": ["a", 1, 2]}}, "scale n: expected"),
        ({"scales": [1, 2]}, "scales: expected"),
        ({"scales": {"../../evil": [1, 1, 1024]}}, "scale '../../evil': expected a letter or a word"),
        ({"scales": {"n\nmodel": [1, 1, 1024]}}, "expected a letter or a word"),
        ({"end2end": "False"}, "end2end: 'False': expected true or false"),
        ({"reg_max": -1}, "reg_max: -1: expected a whole number from 1"),
        ({"reg_max": None}, "reg_max: None: expected"),
    ],
)
def test_a_file_that_is_no_index_graph_is_refused(changes, message):
    with pytest.raises(ConfigError, match=message):
        graph_with(**changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [("[1, 2]", "expected `backbone:`"), ("a: [", "is no YAML"), ("!!python/object:os.system x", "is no YAML")],
)
def test_what_is_no_yaml_of_rows_is_refused(tmp_path, text, message):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_file(path)


def test_a_file_that_is_not_there_and_one_that_is_too_long_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_file(tmp_path / "nothing.yaml")
    (tmp_path / "long.yaml").write_text(SMALL + "#" * 2**17)
    with pytest.raises(ConfigError, match="an index graph has a few thousand"):
        read_file(tmp_path / "long.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [64, *a]\n" + SMALL,
        "\n".join(["a0: &a0 [1, 1]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 30))]) + SMALL,
    ],
)
def test_yaml_that_repeats_itself_without_end_is_refused_at_once(tmp_path, text):
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(ConfigError, match="nests or repeats itself too often"):
        read_file(tmp_path / "x.yaml")


def test_a_pipe_holds_nobody_up(tmp_path):
    os.mkfifo(tmp_path / "x.yaml")
    with pytest.raises(ConfigError, match="cannot be read: not a regular file"):
        read_file(tmp_path / "x.yaml")
