"""Levels of a head: as the references' own p2 graphs, in every family, and what is refused."""

from __future__ import annotations

import pytest
import torch

import yololab
from cell import check
from yololab.detector.weights import realigned
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


def test_a_gap_and_an_auxiliary_branch_are_refused():
    conv = {"channels": 8, "kernel_size": 3, "stride": 2}
    two = (Node("neck.a", "Conv", ("image",), conv), Node("neck.b", "Conv", ("neck.a",), conv))
    sparse = Graph("own", (*two, Node("head", "x", ("neck.a", "neck.b"))), {"neck.p3": "neck.a", "neck.p5": "neck.b"})
    with pytest.raises(GraphError, match=r"own has \[3, 5\], and nothing between"):
        with_levels(sparse, [3, 4, 5])
    with pytest.raises(GraphError, match="reads 'aux"):
        build("model=yolov9_c", "levels=[2,3,4,5]")


NAMED = [(["model=yolov3"], [3, 4, 5, 6]), (["neck=gfpn"], [2, 3, 4, 5, 6])]


@pytest.mark.parametrize(("words", "levels"), NAMED, ids=str)
def test_names_that_a_neck_has_are_left_to_it(words, levels):
    detector = build(*words, f"levels={levels}")
    assert detector.head.strides == tuple(2**level for level in levels)
    assert len(set(detector.graph.names)) == len(detector.graph.names)


def test_official_weights_go_to_the_level_of_their_stride():
    """The measured fault: what YOLOv8 had learnt at stride 8 was loaded at stride 4."""
    state = {f"head.cv2.{i}.1.conv.weight": torch.full((1,), 8.0 * 2**i) for i in range(3)} | {
        "neck.td3.x": torch.ones(1)
    }
    moved = realigned(state, (4, 8, 16, 32), (8, 16, 32))
    assert {key: float(value) for key, value in moved.items()} == {
        "head.cv2.1.1.conv.weight": 8, "head.cv2.2.1.conv.weight": 16, "head.cv2.3.1.conv.weight": 32, "neck.td3.x": 1
    }  # fmt: skip
    fewer = realigned(state, (16, 32), (8, 16, 32))
    assert [float(fewer[f"head.cv2.{i}.1.conv.weight"]) for i in (0, 1)] == [16, 32]
    assert list(realigned(state, (4, 8, 16, 32), None)) == ["neck.td3.x"], "nothing tells which levels are meant"
    assert realigned(state, (8, 16, 32), None).keys() == state.keys()
