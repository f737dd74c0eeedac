"""Other ways up and down a level, in every family."""

from __future__ import annotations

import pytest
import torch

import yololab
from parts import choices, named
from yololab.errors import GraphError
from yololab.graph.node import Graph, Node
from yololab.graph.resample import replace_resampling

FAMILIES = ("yolov6", "yolov8", "yolov9", "yolo11", "yolo26", "yolov8_p2", "yolov8_p6", "yolov8_ghost")
CELLS = [(group, choice) for group in ("upsample", "downsample") for choice in named(group)]


@pytest.mark.parametrize("model", FAMILIES)
@pytest.mark.parametrize(("group", "choice"), CELLS)
def test_every_level_is_reached_by_the_block_that_is_chosen(group, choice, model):
    overrides = [f"model={model}", "scale=p", "image_size=128", "num_classes=3"]
    plain = yololab.build(overrides, device="meta")
    detector = yololab.build([*overrides, f"{group}={choice}"], device="meta")
    assert detector.graph.names == plain.graph.names
    assert detector.specs == plain.specs
    changed = []
    for node in detector.graph.nodes[1:-1]:
        before = detector.specs[node.inputs[0]].stride if len(node.inputs) == 1 else None
        if node.inputs != ("image",) and before == detector.specs[node.name].stride * (
            2 if group == "upsample" else 0.5
        ):
            changed.append(node.block)
    assert changed
    assert len(set(changed)) == 1


@pytest.mark.parametrize(("group", "choice"), CELLS)
def test_it_computes_and_every_parameter_learns(group, choice):
    detector = yololab.build(["model=yolov8", "scale=p", "num_classes=3", "image_size=64", f"{group}={choice}"])
    maps = detector.train()(torch.rand(2, 3, 64, 64))["main"]
    sum(level.square().sum() for level in maps.levels).backward()
    assert [name for name, p in detector.named_parameters() if p.requires_grad and p.grad is None] == []


def test_the_groups_leave_a_graph_alone_by_default():
    assert "default" in choices("upsample")
    names = [yololab.build(["scale=p", *more], device="meta").fingerprint for more in ([], ["upsample=nearest"])]
    assert names[0] == names[1], "YOLOv8 upsamples by nearest neighbours"


def test_a_model_whose_levels_meet_within_a_block_says_so():
    with pytest.raises(GraphError, match="yolov6_3 has no node that goes up a level"):
        yololab.build(["model=yolov6_3", "upsample=carafe"], device="meta")


CONV = Node("b.one", "Conv", ("image",), {"channels": 8, "kernel_size": 3, "stride": 2})
END = Node("head", "yololab.heads.Detect", ("b.two",), {"num_classes": 1})


def test_a_graph_without_such_a_node_and_a_block_that_does_not_fit_are_refused():
    flat = Graph("flat", (CONV, Node("b.two", "Conv", ("b.one",), {"channels": 8}), END))
    with pytest.raises(GraphError, match="flat has no node that goes down a level"):
        replace_resampling(flat, "yololab.blocks.ADown", {}, finer=False)
    down = Graph("down", (CONV, Node("b.two", "Conv", ("b.one",), {"channels": 16, "stride": 2}), END))
    with pytest.raises(GraphError, match="yields 16 channels at stride 2 then, and 16 at 4 as it is written"):
        replace_resampling(down, "yololab.blocks.Conv", {}, finer=False)
