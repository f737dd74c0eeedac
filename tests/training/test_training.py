from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import yololab
from yololab.training.average import MovingAverage
from yololab.training.optimizer import make_optimizer, parameter_groups, scaled_weight_decay
from yololab.training.schedule import Schedule


class WithBareParameters(nn.Module):
    """Parameters that a search for .weight and .bias would miss (mmyolo #954)."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)
        self.gate = nn.Parameter(torch.zeros(()))
        self.query = nn.Parameter(torch.zeros(2, 4))
        self.frozen = nn.Parameter(torch.zeros(3), requires_grad=False)


def test_three_groups_cover_every_trainable_parameter_once():
    model = WithBareParameters()
    groups = parameter_groups(model)
    found = [id(p) for group in groups.values() for p in group]
    assert sorted(found) == sorted(id(p) for p in model.parameters() if p.requires_grad)
    assert {name: len(group) for name, group in groups.items()} == {"weights": 2, "norms": 2, "biases": 2}


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_only_weights_decay(name):
    optimizer = make_optimizer(WithBareParameters(), name=name, lr=0.1, momentum=0.9, weight_decay=5e-4)
    assert [(g["name"], g["weight_decay"]) for g in optimizer.param_groups] == [
        ("weights", 5e-4),
        ("norms", 0),
        ("biases", 0),
    ]


def test_every_parameter_of_every_model_is_in_a_group():
    for model in ("yolov8", "yolov9", "yolov6"):
        detector = yololab.build([f"model={model}", "attention=gam", "insert_pos=all_heads"], device="meta")
        groups = parameter_groups(detector)
        assert sum(len(g) for g in groups.values()) == sum(p.requires_grad for p in detector.parameters())


def test_weight_decay_scales_with_the_images_of_a_step():
    assert scaled_weight_decay(5e-4, batch=16, accumulate=4, nominal=64) == pytest.approx(5e-4)
    assert scaled_weight_decay(5e-4, batch=16, accumulate=1, nominal=64) == pytest.approx(1.25e-4)


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
