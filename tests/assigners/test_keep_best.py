"""KeepBest: of what another assigner gives a box, its best point."""

from __future__ import annotations

import torch

from yololab.assigners.base import Assigner
from yololab.assigners.keep_best import KeepBest
from yololab.structures import Assignment, Predictions, Targets


class Fixed(Assigner):
    """Two images, two boxes each, five points."""

    def assign(self, predictions, targets):
        positive = torch.tensor([[1, 1, 1, 0, 1], [0, 1, 1, 1, 0]]).bool()
        box = torch.tensor([[0, 0, 1, 0, 1], [0, 1, 1, 0, 0]])
        quality = torch.tensor([[0.2, 0.9, 0.5, 0.0, 0.5], [0.0, 0.3, 0.7, 0.0, 0.0]])
        return Assignment(positive, box * positive, quality, quality * 2)


def test_every_box_keeps_the_first_of_its_best_points():
    points = torch.zeros(5, 2)
    predictions = Predictions(torch.zeros(2, 5, 4), torch.zeros(2, 5, 1), points, torch.ones(5))
    targets = Targets(torch.zeros(2, 2, 4), torch.zeros(2, 2, dtype=torch.long), torch.ones(2, 2).bool())
    got = KeepBest(Fixed()).assign(predictions, targets)
    assert got.positive.tolist() == [[False, True, True, False, False], [False, False, True, True, False]]
    assert got.box_index.tolist() == [[0, 0, 1, 0, 0], [0, 0, 1, 0, 0]]
    torch.testing.assert_close(got.quality, torch.tensor([[0, 0.9, 0.5, 0, 0], [0, 0, 0.7, 0, 0]]))
    torch.testing.assert_close(got.box_weight, got.quality * 2)
