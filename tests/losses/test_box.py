from __future__ import annotations

import math

import pytest
import torch

from yololab import losses

BOX_LOSSES = {
    "iou": losses.IoULoss(),
    "iou_squared": losses.IoULoss(power=2.0),
    "giou": losses.GIoULoss(),
    "diou": losses.DIoULoss(),
    "ciou": losses.CIoULoss(),
    "siou": losses.SIoULoss(),
    "eiou": losses.EIoULoss(),
    "wiou": losses.WIoULoss(),
}


def test_iou_of_a_quarter_overlap_by_hand():
    a, b = torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[5.0, 5, 15, 15]])
    # Intersection 25, union 175, hull 225, centre distance^2 50, diagonal^2 450.
    assert BOX_LOSSES["iou"](a, b).item() == pytest.approx(1 - 25 / 175)
    assert BOX_LOSSES["iou_squared"](a, b).item() == pytest.approx(1 - (25 / 175) ** 2)
    assert BOX_LOSSES["giou"](a, b).item() == pytest.approx(1 - 25 / 175 + 50 / 225)
    assert BOX_LOSSES["diou"](a, b).item() == pytest.approx(1 - 25 / 175 + 50 / 450)
    assert BOX_LOSSES["ciou"](a, b).item() == pytest.approx(1 - 25 / 175 + 50 / 450)  # equal aspect ratios
    assert BOX_LOSSES["eiou"](a, b).item() == pytest.approx(1 - 25 / 175 + 50 / 450)  # equal sides
    assert BOX_LOSSES["wiou"](a, b).item() == pytest.approx(math.exp(50 / 450) * (1 - 25 / 175))
