"""Levels of a head: as the references' own p2 graphs, in every family, and what is refused."""

from __future__ import annotations

import pytest

import yololab
from cell import check
from yololab.errors import ConfigError, GraphError
from yololab.graph.levels import with_levels
from yololab.graph.node import Graph, Node

FAMILIES = (
    "yolov5",
    "yolov6",
    "yolov6_3",
    "yolov8",
    "yolov9_t",
    "gelan_t",
    "yolov10",
    "yolo11",
    "yolo12",
    "yolo26",
    "yolox",
)


def build(*overrides):
    return yololab.build([*overrides, "image_size=640"], device="meta")


@pytest.mark.parametrize(("model", "reference"), [("yolov8", "yolov8_p2"), ("yolo26", "yolo26_p2")])
@pytest.mark.parametrize("scale", ["n", "m"])
def test_a_finer_level_is_that_of_the_references_own_graph(model, reference, scale):
    found = build(f"model={model}", "levels=[2,3,4,5]", f"scale={scale}")
    assert found.fingerprint == build(f"model={reference}", f"scale={scale}").fingerprint


@pytest.mark.parametrize("model", FAMILIES)
@pytest.mark.parametrize("levels", [[2, 3, 4, 5], [3, 4, 5, 6], [4, 5]], ids=str)
def test_every_family_has_them(model, levels):
    head = ["head=detect"] if model == "yolov9_t" else []
    detector = build(f"model={model}", f"levels={levels}", *head)
    assert detector.head.strides == tuple(2**level for level in levels)
    assert [node.section for node in detector.graph.nodes if node.name in detector.graph.head.inputs] == ["neck"] * len(
        levels
    )


@pytest.mark.parametrize("levels", ["[2,3,4,5]", "[3,4,5,6]", "[2,3,4,5,6]"])
def test_they_train_evaluate_and_deploy_with_other_choices(levels):
    check(["image_size=128", f"levels={levels}", "attention=cbam", "insert_pos=all_heads", "block=c2f_faster"])


def test_all_levels_get_the_upsampling_and_attention_that_is_chosen():
    graph = build("model=yolov8", "levels=[2,3,4,5]", "upsample=carafe", "attention=eca", "insert_pos=all_heads").graph
    assert sum(node.block.endswith("CARAFE") for node in graph.nodes) == 3
    assert sum(node.name.endswith("attention") for node in graph.nodes) == 4


def test_null_and_the_models_own_levels_are_the_same_graph():
    assert build("model=yolo11").fingerprint == build("model=yolo11", "levels=[3,4,5]").fingerprint


@pytest.mark.parametrize("levels", ["[]", "[5,4]", "[3,3]", "[3.5]", "3", "[p3]", "[1,2,3]", "[3,4,5,6,7]", "[true]"])
def test_what_are_no_levels_is_told(levels):
    with pytest.raises(ConfigError, match="levels=.*expected (whole numbers that rise|levels from 2)"):
        build("model=yolov8", f"levels={levels}")


def test_a_gap_an_auxiliary_branch_and_a_neck_that_has_the_names_are_refused():
    conv = {"channels": 8, "kernel_size": 3, "stride": 2}
    two = (Node("neck.a", "Conv", ("image",), conv), Node("neck.b", "Conv", ("neck.a",), conv))
    sparse = Graph("own", (*two, Node("head", "x", ("neck.a", "neck.b"))), {"neck.p3": "neck.a", "neck.p5": "neck.b"})
    with pytest.raises(GraphError, match=r"own has \[3, 5\], and nothing between"):
        with_levels(sparse, [3, 4, 5])
    with pytest.raises(GraphError, match="reads 'aux"):
        build("model=yolov9_c", "levels=[2,3,4,5]")
    with pytest.raises(GraphError, match="has a node 'neck.td5' already"):
        build("model=yolov3", "levels=[3,4,5,6]")
