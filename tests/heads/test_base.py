"""What every head keeps to, on features of made-up widths and of a grid that is not square."""

from __future__ import annotations

import math

import pytest
import torch

from yololab import heads

STRIDES = (8, 16, 32)


SHAPES = [(8, 12), (4, 6), (2, 3)]


def features(channels=(16, 24, 32), batch=2):
    return [torch.rand(batch, c, *shape) for c, shape in zip(channels, SHAPES, strict=True)]


def make(name, classes=3, **args):
    repeat = 2 if name == "DualDDetect" else 1
    return getattr(heads, name)((16, 24, 32) * repeat, strides=STRIDES * repeat, num_classes=classes, **args), repeat


@pytest.mark.parametrize("name", ["Detect", "DDetect", "DualDDetect", "EffiDe", "Segment"])
@pytest.mark.parametrize("classes", [1, 80])
class TestContract:
    def test_decoded_predictions_cover_every_point(self, name, classes):
        head, repeat = make(name, classes)
        maps = head(features() * repeat)
        assert tuple(maps) == head.branches
        for branch, raw in maps.items():
            predictions = head.decode(raw, branch)
            assert predictions.boxes_xyxy.shape == (2, 126, 4)
            assert predictions.scores.shape == (2, 126, classes)
            assert predictions.points[0].tolist() == [4, 4]
            assert predictions.points[-1].tolist() == [80, 48]

    def test_every_parameter_gets_a_gradient(self, name, classes):
        head, repeat = make(name, classes)
        total = sum(
            level.square().sum()
            for raw in head(features() * repeat).values()
            for level in [*raw.levels, *([] if raw.prototypes is None else [raw.prototypes])]
        )
        total.backward()
        assert [n for n, p in head.named_parameters() if p.grad is None] == [
            n for n, p in head.named_parameters() if not p.requires_grad
        ]

    def test_the_main_branch_alone_gives_the_same_detections(self, name, classes):
        head, repeat = make(name, classes)
        head.eval()
        inputs = features() * repeat
        single = head.main_only()
        expected = head.detections(head(inputs)["main"])
        got = single.detections(single(inputs[-3:])["main"])
        torch.testing.assert_close(got.boxes_xyxy, expected.boxes_xyxy)
        torch.testing.assert_close(got.scores, expected.scores)


def test_class_biases_are_the_prior_of_five_objects_an_image():
    head, _ = make("Detect", 3)
    assert head.cv3[1][2].bias[0].item() == pytest.approx(math.log(5 / 3 / (640 / 16) ** 2))
    assert head.cv2[1][2].bias.unique().tolist() == [1.0]
