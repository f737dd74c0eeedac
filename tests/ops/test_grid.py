from __future__ import annotations

import torch

from yololab.ops.grid import flatten_levels, grid_points


def test_points_are_cell_centres_in_the_order_of_flattened_maps():
    levels = [torch.arange(6.0).view(1, 1, 2, 3), torch.tensor([[[[6.0]]]])]
    points, strides = grid_points(levels, (8, 16))
    assert points.tolist() == [[4, 4], [12, 4], [20, 4], [4, 12], [12, 12], [20, 12], [8, 8]]
    assert strides.tolist() == [8] * 6 + [16]
    assert flatten_levels(levels).flatten().tolist() == [0, 1, 2, 3, 4, 5, 6]
