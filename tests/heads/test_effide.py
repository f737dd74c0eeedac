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


@pytest.mark.parametrize("separable", [False, True])
def test_yoloxs_form_has_one_width_and_two_convolutions(separable):
    head, _ = make("EffiDe", 3, hidden=16, convs=2, separable=separable)
    assert [maps.shape[1] for maps in head(features())["main"].levels] == [8, 8, 8]
    assert all(len(branch) == 2 for branch in (*head.cls_convs, *head.reg_convs))
    assert {predictor.in_channels for predictor in (*head.cls_preds, *head.reg_preds)} == {16}
