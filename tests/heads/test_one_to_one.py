"""Heads of two branches: what each learns from, which answers, what is left of it."""

from __future__ import annotations

import pytest
import torch

import yololab
from yololab.errors import ConfigError
from yololab.heads import ONE_TO_MANY, ONE_TO_ONE, Detect, OneToOneDetect, OneToOneSegment, Segment
from yololab.heads.one_to_one import set_answer
from yololab.metrics.nms import NMSConfig, suppress

WIDTHS, STRIDES = [16, 24, 32], [8, 16, 32]


def features():
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(2, c, 64 // s, 64 // s, generator=generator) for c, s in zip(WIDTHS, STRIDES, strict=True)]


@pytest.mark.parametrize("kind", [OneToOneDetect, OneToOneSegment])
@pytest.mark.parametrize("bins", [16, 1])
def test_the_branches_start_as_copies_and_only_the_first_teaches_what_they_read(kind, bins):
    head = kind(WIDTHS, strides=STRIDES, num_classes=3, reg_max=bins)
    given = [feature.requires_grad_() for feature in features()]
    maps = head(given)
    for one, other in zip(maps[ONE_TO_MANY].levels, maps[ONE_TO_ONE].levels, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    sum(level.sum() for level in maps[ONE_TO_ONE].levels).backward()
    assert all(feature.grad is None for feature in given)
    assert all(parameter.grad is None for parameter in head.cv2.parameters())
    sum(level.sum() for level in head(given)[ONE_TO_MANY].levels).backward()
    assert all(feature.grad is not None for feature in given)


@pytest.mark.parametrize(("kind", "single"), [(OneToOneDetect, Detect), (OneToOneSegment, Segment)])
@pytest.mark.parametrize("nms", ["none", "nms"])
def test_deployment_keeps_the_branch_that_was_asked_for(kind, single, nms):
    head = kind(WIDTHS, strides=STRIDES, num_classes=3).eval()
    torch.manual_seed(1)
    for parameter in head.one2one_cv3.parameters():
        torch.nn.init.normal_(parameter)
    set_answer(head, nms)
    wanted = head.detections(head(features())[ONE_TO_ONE if nms == "none" else ONE_TO_MANY])
    kept = head.main_only()
    assert isinstance(kept, single)
    got = kept.detections(kept(features())["main"])
    torch.testing.assert_close(got.scores, wanted.scores)
    torch.testing.assert_close(got.boxes_xyxy, wanted.boxes_xyxy)
    assert not any("semseg" in name for name, _ in kept.named_parameters())


def test_every_head_answers_by_nms_and_only_these_without():
    set_answer(Detect(WIDTHS, strides=STRIDES, num_classes=3), "nms")
    with pytest.raises(ValueError, match="no branch of this head finds every object once"):
        set_answer(Detect(WIDTHS, strides=STRIDES, num_classes=3), "none")
    with pytest.raises(ConfigError, match="recipe.evaluation.nms=none: no branch"):
        yololab.build(["model=yolov8", "scale=p", "recipe.evaluation.nms=none"], device="meta")


def test_a_configuration_chooses_the_branch():
    for nms, branch in (("none", ONE_TO_ONE), ("nms", ONE_TO_MANY)):
        overrides = ["model=yolov10", "scale=p", f"recipe.evaluation.nms={nms}"]
        assert yololab.build(overrides, device="meta").head.answer == branch
    assert yololab.build(["model=yolo26", "scale=p"], device="meta").head.answer == ONE_TO_ONE


def test_without_suppression_the_best_remain_and_one_point_may_be_found_twice():
    head = OneToOneDetect(WIDTHS, strides=STRIDES, num_classes=3).eval()
    detections = head.detections(head(features())[ONE_TO_ONE])
    [first, _] = suppress(detections, NMSConfig(-1.0, 0.1, 20, multi_label=True, nms="none"))
    expected = detections.scores[0].flatten().sort(descending=True).values[:20]
    torch.testing.assert_close(first.scores, expected)
