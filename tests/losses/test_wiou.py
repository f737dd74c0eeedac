from __future__ import annotations

import pytest
import torch

from yololab.errors import ConfigError
from yololab.losses import WIoULoss
from yololab.losses.wiou import HALF_LIFE

A, B = torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[5.0, 5, 15, 15]])
OVERLAP = 25 / 175


def test_the_focus_follows_the_outlier_degree():
    plain = WIoULoss()(A, B).item()
    for version, factor in (
        ("v2", ((1 - OVERLAP) / 0.6) ** 0.5),
        ("v3", (1 - OVERLAP) / 0.6 / (3 * 1.9 ** ((1 - OVERLAP) / 0.6 - 3))),
    ):
        loss = WIoULoss(version).eval()
        loss.focus.mean.fill_(0.6)
        assert loss(A, B).item() == pytest.approx(factor * plain, rel=1e-5)


def test_the_mean_is_learnt_in_training_alone_and_kept_with_the_weights():
    loss = WIoULoss("v3")
    loss.eval()(A, B)
    assert loss.focus.mean == 1
    loss.train()
    loss(A[:0], B[:0])
    assert loss.focus.mean == 1  # a batch without a positive says nothing
    for _ in range(HALF_LIFE):
        loss.focus(torch.tensor([0.5]))
    assert loss.focus.mean.item() == pytest.approx(0.75, abs=1e-3)
    again = WIoULoss("v3")
    again.load_state_dict(loss.state_dict())
    assert again.focus.mean == loss.focus.mean


def test_an_unknown_version_is_refused():
    with pytest.raises(ConfigError, match="expected v1, v2 or v3"):
        WIoULoss("v4")
