from __future__ import annotations

import math

import pytest
import torch

from yololab.ops.overlap import center_distance, ciou, diou, geometry, giou, iou

A, B = torch.tensor([0.0, 0, 10, 10]), torch.tensor([5.0, 5, 15, 15])


def test_a_quarter_overlap_by_hand():
    # Intersection 25, union 175, hull 225, centre distance^2 50, diagonal^2 450.
    assert iou(A, B).item() == pytest.approx(25 / 175)
    assert giou(A, B).item() == pytest.approx(25 / 175 - 50 / 225)
    assert diou(A, B).item() == pytest.approx(25 / 175 - 50 / 450)
    assert ciou(A, B).item() == pytest.approx(25 / 175 - 50 / 450)  # equal aspect ratios


def test_ciou_takes_off_what_aspect_ratios_differ():
    square, flat = torch.tensor([0.0, 0, 10, 10]), torch.tensor([0.0, 2.5, 10, 7.5])
    aspect = 4 / math.pi**2 * (math.atan(2) - math.atan(1)) ** 2
    expected = 0.5 - aspect * aspect / (1 - 0.5 + aspect)
    assert ciou(square, flat).item() == pytest.approx(expected, abs=1e-5)


def test_geometry_measures_sides_offset_and_hull():
    g = geometry(A, B)
    assert (g.offset.tolist(), g.hull.tolist(), g.size_a.tolist()) == ([5, 5], [15, 15], [10, 10])
    assert center_distance(g).item() == pytest.approx(50 / 450)


@pytest.mark.parametrize("measure", [iou, giou, diou, ciou])
def test_it_is_one_for_equal_boxes_symmetric_and_computed_in_float32(measure):
    generator = torch.Generator().manual_seed(0)
    low, size = torch.rand(50, 2, generator=generator) * 50, torch.rand(50, 2, generator=generator) * 30 + 1
    boxes = torch.cat((low, low + size), dim=1)
    torch.testing.assert_close(measure(boxes, boxes), torch.ones(50), atol=1e-5, rtol=0)
    torch.testing.assert_close(measure(boxes, boxes.flip(0)), measure(boxes.flip(0), boxes))
    assert measure(boxes.bfloat16(), boxes.bfloat16()).dtype == torch.float32
