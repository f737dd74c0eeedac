from __future__ import annotations

import math

import pytest
from torch import nn

from yololab.training.average import MovingAverage


def test_the_average_follows_its_decay_and_copies_counters():
    model = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1))
    nn.init.zeros_(model[0].weight)
    ema = MovingAverage(model, decay=0.9, tau=10.0)
    nn.init.ones_(model[0].weight)
    model[1].running_mean.fill_(5.0)
    model[1].num_batches_tracked.fill_(7)
    ema.update(model)
    share = 1 - 0.9 * (1 - math.exp(-1 / 10))
    assert ema.model[0].weight.item() == pytest.approx(share)
    assert ema.model[1].running_mean.item() == pytest.approx(5 * share)
    assert ema.model[1].num_batches_tracked.item() == 7
    assert ema.updates.item() == 1


def test_the_average_has_no_gradients_and_stays_in_eval_mode():
    ema = MovingAverage(nn.BatchNorm2d(2), 0.9, 10.0).train()
    assert not ema.model.training
    assert not any(p.requires_grad for p in ema.parameters())
