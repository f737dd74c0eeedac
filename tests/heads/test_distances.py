from __future__ import annotations

import pytest
import torch
from torch import nn

from yololab.heads.base import class_bias
from yololab.heads.dfl import DFL
from yololab.heads.distances import decode_distances, predict_levels, set_biases_
from yololab.structures import HeadMaps


def test_even_distributions_lie_at_the_middle_of_their_bins():
    # 16 bins of equal weight: 7.5 strides to every side of the point (4, 4).
    found = decode_distances(HeadMaps([torch.zeros(1, 66, 1, 1)]), (8,), DFL(16), num_classes=2)
    assert found.boxes_xyxy[0, 0].tolist() == pytest.approx([4 - 60, 4 - 60, 4 + 60, 4 + 60])
    assert found.box_distribution.shape == (1, 1, 4, 16)
    assert found.class_logits.shape == (1, 1, 2)


def test_half_precision_is_decoded_in_float32():
    found = decode_distances(HeadMaps([torch.zeros(1, 66, 1, 1).bfloat16()]), (8,), DFL(16), num_classes=2)
    assert found.boxes_xyxy.dtype == torch.float32


def predictors(channels):
    return nn.ModuleList(nn.Sequential(nn.Conv2d(4, channels, 1)) for _ in range(2))


def test_box_and_class_maps_stand_side_by_side():
    levels = predict_levels(predictors(8), predictors(3), [torch.zeros(1, 4, 2, 2), torch.zeros(1, 4, 1, 1)])
    assert [tuple(level.shape) for level in levels] == [(1, 11, 2, 2), (1, 11, 1, 1)]


def test_biases_are_one_for_boxes_and_the_prior_for_classes():
    box, classes = predictors(8), predictors(3)
    set_biases_(box, classes, (8, 16), num_classes=3)
    assert box[1][-1].bias.unique().tolist() == [1.0]
    assert classes[1][-1].bias.unique().tolist() == pytest.approx([class_bias(3, 16)])
