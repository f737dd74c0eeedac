from __future__ import annotations

import math

import pytest
import torch

from yololab.heads import EffiDeAligned
from yololab.structures import HeadMaps

STRIDES = (8, 16, 32)


def make(distribution=False):
    return EffiDeAligned((16, 24, 32), strides=STRIDES, num_classes=3, distribution=distribution)


def test_distances_are_counted_from_the_cells_centre():
    level = torch.zeros(1, 7, 2, 2)
    level[0, :4, 0, 1] = torch.tensor([0.5, 0.25, 1.0, 2.0])
    maps = HeadMaps([level, torch.zeros(1, 7, 1, 1), torch.zeros(1, 7, 1, 1)])
    assert make().decode(maps).boxes_xyxy[0, 1].tolist() == pytest.approx([12 - 4, 4 - 2, 12 + 8, 4 + 16])


def test_a_distribution_has_bins_of_zero_to_sixteen_strides():
    level = torch.zeros(1, 71, 1, 1)
    level[0, 16] = 50.0  # left: the last bin; the others spread evenly
    maps = HeadMaps([level, level[..., :1, :1], level[..., :1, :1]])
    left, top, *_ = make(True).decode(maps).boxes_xyxy[0, 0].tolist()
    assert (left, top) == pytest.approx((4 - 16 * 8, 4 - 8 * 8))


def test_it_starts_with_one_prediction_everywhere():
    maps = make()([torch.rand(1, c, 4, 4) for c in (16, 24, 32)])["main"]
    for level in maps.levels:
        assert (level[:, :4] == 1).all()
        torch.testing.assert_close(level[:, 4:], torch.full_like(level[:, 4:], -math.log(99)))


@pytest.mark.parametrize(("distribution", "channels"), [(False, 7), (True, 71)])
def test_raw_maps_and_frozen_numbers(distribution, channels):
    head = make(distribution)
    assert head([torch.rand(2, c, 4, 4) for c in (16, 24, 32)])["main"].levels[0].shape == (2, channels, 4, 4)
    assert sum(p.numel() for p in head.parameters() if not p.requires_grad) == 34
