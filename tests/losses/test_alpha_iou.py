from __future__ import annotations

import pytest
import torch

from yololab import losses
from yololab.errors import ConfigError

A = torch.tensor([[0.0, 0, 10, 20], [0.0, 0, 8, 8]])
B = torch.tensor([[5.0, 5, 15, 15], [20.0, 0, 28, 8]])


@pytest.mark.parametrize(
    ("base", "plain"),
    [("iou", losses.IoULoss), ("giou", losses.GIoULoss), ("diou", losses.DIoULoss), ("ciou", losses.CIoULoss)],
)
def test_the_power_1_is_the_base_itself(base, plain):
    torch.testing.assert_close(losses.AlphaIoULoss(base, 1.0)(A, B), plain()(A, B), rtol=1e-5, atol=1e-6)


def test_an_unknown_base_is_refused_with_the_nearest():
    with pytest.raises(ConfigError, match="expected one of iou, giou, diou, ciou"):
        losses.AlphaIoULoss("ciuo")
