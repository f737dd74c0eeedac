from __future__ import annotations

import pytest
import torch

from yololab.losses import ShapeIoULoss


def test_an_offset_along_the_long_side_counts_less_the_larger_the_scale():
    wide = torch.tensor([[0.0, 0, 40, 10]])
    along, across = wide + torch.tensor([4.0, 0, 4, 0]), wide + torch.tensor([0.0, 4, 0, 4])
    even, own = ShapeIoULoss(0.0), ShapeIoULoss(1.0)
    # At scale 0 both weights are 1: 1 - IoU + 16 / (44^2 + 10^2).
    assert even(along, wide).item() == pytest.approx(1 - 360 / 440 + 16 / (44**2 + 10**2))
    assert own(along, wide).item() == pytest.approx(1 - 360 / 440 + 0.4 * 16 / (44**2 + 10**2))
    assert own(across, wide).item() == pytest.approx(1 - 240 / 560 + 1.6 * 16 / (40**2 + 14**2))
