from __future__ import annotations

import math

import pytest
import torch

from yololab.losses.distribution import center_size_targets, distribution_focal_loss, side_distances


def test_distribution_focal_loss_splits_between_neighbouring_bins():
    logits = torch.zeros(1, 4, 16)
    logits[..., 3], logits[..., 4] = math.log(0.75) + 20, math.log(0.25) + 20
    at_best = distribution_focal_loss(logits, torch.full((1, 4), 3.25))
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert at_best.item() == pytest.approx(entropy, abs=1e-4)
    assert distribution_focal_loss(logits, torch.full((1, 4), 3.75)) > at_best


def test_distances_beyond_the_bins_are_clamped():
    logits = torch.zeros(2, 4, 16)
    assert torch.isfinite(distribution_focal_loss(logits, torch.tensor([[99.0] * 4, [-3.0] * 4]))).all()


def test_side_distances_and_centre_sizes_by_hand():
    point, box, stride = torch.tensor([[20.0, 12.0]]), torch.tensor([[4.0, 4.0, 36.0, 20.0]]), torch.tensor([8.0])
    assert side_distances(point, box, stride).tolist() == [[2, 1, 2, 1]]
    # cell (2, 1): corner (2, 1); centre (20, 12) / 8 = (2.5, 1.5).
    expected = [0.5, 0.5, math.log(4), math.log(2)]
    assert center_size_targets(point, box, stride)[0].tolist() == pytest.approx(expected)
