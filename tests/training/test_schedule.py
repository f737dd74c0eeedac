from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from yololab.training.optimizer import make_optimizer
from yololab.training.schedule import Schedule


class WithBareParameters(nn.Module):
    """Parameters that a search for .weight and .bias would miss (mmyolo #954)."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)
        self.gate = nn.Parameter(torch.zeros(()))
        self.query = nn.Parameter(torch.zeros(2, 4))
        self.frozen = nn.Parameter(torch.zeros(3), requires_grad=False)


def schedule(**changes):
    values = {
        "lr": 0.01,
        "final_lr": 0.01,
        "kind": "linear",
        "epochs": 100,
        "momentum": 0.937,
        "warmup_epochs": 3.0,
        "warmup_iterations": 100,
        "warmup_momentum": 0.8,
        "warmup_bias_lr": 0.1,
    }
    return Schedule(**{**values, **changes})


def applied(s, batch, batches=50):
    optimizer = make_optimizer(WithBareParameters(), name="sgd", lr=0.01, momentum=0.9, weight_decay=0)
    s.apply(optimizer, batch, batches)
    return {group["name"]: (group["lr"], group["momentum"]) for group in optimizer.param_groups}


def test_warm_up_starts_at_zero_and_biases_at_their_own_rate():
    start = applied(schedule(), 0)
    assert start["weights"] == (0.0, 0.8)
    assert start["biases"] == (0.1, 0.8)


def test_warm_up_ends_after_three_epochs_or_a_hundred_batches():
    assert schedule().warmup_steps(50) == 150
    assert schedule().warmup_steps(13) == 100
    assert schedule(warmup_epochs=0.0).warmup_steps(13) == 0
    end = applied(schedule(), 150)
    assert [end["weights"][0], end["biases"][0]] == pytest.approx([0.01 * schedule().factor(3)] * 2)
    assert end["weights"][1] == 0.937


def test_linear_and_cosine_end_at_the_final_share():
    assert schedule().factor(0) == schedule(kind="cosine").factor(0) == 1
    assert schedule().factor(100) == pytest.approx(0.01)
    assert schedule(kind="cosine").factor(100) == pytest.approx(0.01)
    assert schedule().factor(50) == pytest.approx(0.505)
    assert schedule(kind="cosine").factor(25) == pytest.approx(0.01 + 0.99 * (1 + math.cos(math.pi / 4)) / 2)


def test_momentum_warms_up_for_sgd_alone():
    optimizer = make_optimizer(WithBareParameters(), name="adamw", lr=0.01, momentum=0.9, weight_decay=0)
    schedule().apply(optimizer, 10, 50)
    assert {group["betas"] for group in optimizer.param_groups} == {(0.9, 0.999)}


def test_a_groups_factor_is_its_share_of_all_rates():
    optimizer = make_optimizer(
        WithBareParameters(), name="sgd", lr=0.01, momentum=0.9, weight_decay=0.0, factors={"conv.bias": 0.1}
    )
    for batch in (0, 30, 5000):
        schedule(warmup_bias_lr=0.1).apply(optimizer, batch, 100)
        whole, tenth = (group["lr"] for group in optimizer.param_groups if group["name"] == "biases")
        assert tenth == pytest.approx(0.1 * whole)
