from __future__ import annotations

import math

import pytest
import torch

from yololab import heads
from yololab.structures import HeadMaps

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


def test_a_certain_distribution_decodes_to_its_bin():
    head, _ = make("Detect", 1)
    level = torch.zeros(1, 65, 2, 2)
    for side, distance in enumerate((1, 2, 3, 4)):
        level[0, side * 16 + distance] = 50.0
    maps = HeadMaps([level, torch.zeros(1, 65, 1, 1), torch.zeros(1, 65, 1, 1)])
    box = head.decode(maps).boxes_xyxy[0, 0]
    assert box.tolist() == pytest.approx([4 - 8, 4 - 16, 4 + 24, 4 + 32])


def test_yolov8s_widths_follow_the_published_rule():
    head = heads.Detect((256, 512, 512), strides=STRIDES, num_classes=80)
    assert head.cv2[0][0].conv.out_channels == 64
    assert head.cv3[0][0].conv.out_channels == 256


def test_yolov9s_class_width_follows_twice_the_classes():
    head = heads.DDetect((64, 96, 128), strides=STRIDES, num_classes=80)
    assert head.cv3[0][0].conv.out_channels == 128
    assert head.cv2[0][1].conv.groups == head.cv2[0][2].groups == 4


def test_class_biases_are_the_prior_of_five_objects_an_image():
    head, _ = make("Detect", 3)
    assert head.cv3[1][2].bias[0].item() == pytest.approx(math.log(5 / 3 / (640 / 16) ** 2))
    assert head.cv2[1][2].bias.unique().tolist() == [1.0]


def test_effide_decodes_from_the_cells_corner():
    head, _ = make("EffiDe", 1)
    level = torch.zeros(1, 6, 2, 2)
    level[0, :4, 1, 1] = torch.tensor([0.25, 0.5, math.log(2), 0.0])
    maps = HeadMaps([level, torch.zeros(1, 6, 1, 1), torch.zeros(1, 6, 1, 1)])
    x1, y1, x2, y2 = head.decode(maps).boxes_xyxy[0, 3].tolist()
    assert ((x1 + x2) / 2, (y1 + y2) / 2) == pytest.approx((8 * 1.25, 8 * 1.5))
    assert (x2 - x1, y2 - y1) == pytest.approx((16, 8))


def test_grid_free_decoding_follows_yolov5():
    """centre = (2 sigmoid(t) - 0.5 + g) s, size = (2 sigmoid(t))^2 a s."""
    head, _ = make("EffiDe", 1, decode="grid_free", anchor_strides=4.0)
    level = torch.zeros(1, 6, 2, 2)
    level[0, 0, 0, 1] = 30.0
    maps = HeadMaps([level, torch.zeros(1, 6, 1, 1), torch.zeros(1, 6, 1, 1)])
    x1, y1, x2, y2 = head.decode(maps).boxes_xyxy[0, 1].tolist()
    assert ((x1 + x2) / 2, (y1 + y2) / 2) == pytest.approx((8 * 2.5, 8 * 0.5))
    assert (x2 - x1, y2 - y1) == pytest.approx((32, 32))


def test_a_later_release_has_no_objectness():
    head, _ = make("EffiDe", 3, objectness=False)
    maps = head(features())["main"]
    assert maps.levels[0].shape[1] == 7
    assert head.decode(maps).objectness_logits is None


def test_wrong_options_are_refused_with_their_value():
    with pytest.raises(ValueError, match="decode must be 'grid' or 'grid_free', got 'grdi'"):
        make("EffiDe", decode="grdi")
    with pytest.raises(ValueError, match="num_classes must be at least 1, got 0"):
        make("Detect", 0)
