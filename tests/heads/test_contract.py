"""The contract of every head of conf/head: on models of every kind of levels, and two of them on every model."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from parts import SMALL, choices, make_detector
from yololab.errors import ConfigError, GraphError
from yololab.heads.base import Head

ONE = (*SMALL, "num_classes=1", "image_size=128")
DUAL = ("dual_ddetect", True)


def raw_tensors(maps):
    return [
        t for branch in maps.values() for t in (*branch.levels, branch.prototypes, branch.semantic) if t is not None
    ]


OTHER_LEVELS = [model for model in choices("model") if model.endswith(("_p2", "_p6", "_tiny"))]
"""Than the three that conf/aux has"""
WHOLE = ("yolov6", "yolov8", "yolov9", "yolo26", "yolov8_p2", "yolov8_p6", "yolov3_tiny")
"""Models that meet every head"""
PAIRS = [
    (head, model)
    for head, model in product(choices("head"), choices("model"))
    if (model in WHOLE or head in ("detect", "one_to_one_segment")) and (head, model in OTHER_LEVELS) != DUAL
]


@pytest.mark.parametrize("model", OTHER_LEVELS)
def test_an_auxiliary_branch_of_other_levels_is_refused_by_name(model):
    expected = "expected auxiliary features of the same strides as the main ones|has none; choose one with aux"
    with pytest.raises((GraphError, ConfigError), match=expected):
        make_detector("head", "dual_ddetect", None, f"model={model}", *ONE, device="cpu")


@pytest.mark.parametrize(("choice", "model"), PAIRS)
def test_maps_decode_to_finite_predictions_and_every_parameter_learns(choice, model):
    detector = make_detector("head", choice, None, f"model={model}", *ONE, device="cpu")
    head, image = detector.head, torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    assert isinstance(head, Head)
    maps = detector(image)
    assert tuple(maps) == head.branches
    for branch, raw in maps.items():
        predictions = head.decode(raw, branch)
        points = sum((128 // stride) ** 2 for stride in head.main_strides)
        assert predictions.boxes_xyxy.shape == (1, points, 4)
        assert predictions.class_logits.shape == (1, points, 1)
        assert predictions.points.shape == (points, 2)
        assert torch.isfinite(predictions.boxes_xyxy).all()
    assert head.predicts_masks == (maps[head.answer].prototypes is not None)
    sum(tensor.square().sum() for tensor in raw_tensors(maps)).backward()
    assert [name for name, p in detector.named_parameters() if p.requires_grad and p.grad is None] == []
    with torch.no_grad():
        found = detector.eval()(image)
    assert torch.isfinite(found.boxes_xyxy).all()
    assert ((found.scores >= 0) & (found.scores <= 1)).all()


@pytest.mark.parametrize("choice", choices("head"))
def test_the_main_branch_alone_gives_the_same_detections(choice):
    detector = make_detector("head", choice, None, *SMALL, device="cpu").eval()
    head, images = detector.head, torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        features = detector.features(images)
        expected = head.detections(head(features)[head.answer])
        single = head.main_only()
        got = single.detections(single(features[-len(single.in_channels) :])["main"])
    assert single.branches == ("main",)
    torch.testing.assert_close(got.boxes_xyxy, expected.boxes_xyxy)
    torch.testing.assert_close(got.scores, expected.scores)
