from __future__ import annotations

import pytest
import torch
from torch import nn

import yololab
from yololab.training.optimizer import OptimizerConfig, make_optimizer, parameter_groups, scaled_weight_decay


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


@pytest.mark.parametrize("name", ["sgd", "adamw", "muon"])
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
    assert scaled_weight_decay(5e-4, images_per_step=64, nominal=64) == pytest.approx(5e-4)
    assert scaled_weight_decay(5e-4, images_per_step=16, nominal=64) == pytest.approx(1.25e-4)


OPEN = OptimizerConfig("auto", None, None, None, 5e-4)


@pytest.mark.parametrize(
    ("images", "epochs", "classes", "expected"),
    [
        (205, 30, 3, ("adamw", 0.001429)),  # BCCD
        (205, 30, 80, ("adamw", 0.000119)),
        (118_287, 100, 80, ("sgd", 0.01)),  # COCO
        (640, 1000, 3, ("adamw", 0.001429)),  # 10,000 steps to the dot
        (641, 1000, 3, ("sgd", 0.01)),
    ],
)
def test_the_number_of_steps_decides_which_optimizer(images, epochs, classes, expected):
    found = OPEN.decided(images=images, epochs=epochs, images_per_step=64, num_classes=classes)
    assert (found.name, found.lr, found.momentum, found.warmup_bias_lr) == (*expected, 0.9, 0.0)


def test_what_is_chosen_stays():
    chosen = OptimizerConfig("sgd", 0.02, 0.9, 0.1, 5e-4)
    assert chosen.decided(images=10, epochs=1, images_per_step=64, num_classes=3) is chosen
    own = OptimizerConfig("auto", 0.005, None, 0.1, 5e-4)
    found = own.decided(images=10, epochs=1, images_per_step=64, num_classes=3)
    assert found == OptimizerConfig("adamw", 0.005, 0.9, 0.1, 5e-4)


def test_rates_of_their_own_have_groups_of_their_own_after_the_others():
    model = WithBareParameters()
    optimizer = make_optimizer(
        model, name="sgd", lr=0.1, momentum=0.9, weight_decay=5e-4, factors={"conv.weight": 0.5, "conv.bias": 0.5}
    )
    assert [(g["name"], g["factor"], g["lr"]) for g in optimizer.param_groups] == [
        ("weights", 1.0, 0.1),
        ("norms", 1.0, 0.1),
        ("biases", 1.0, 0.1),
        ("weights", 0.5, 0.05),
        ("biases", 0.5, 0.05),
    ]
    found = [id(p) for group in optimizer.param_groups for p in group["params"]]
    assert sorted(found) == sorted(id(p) for p in model.parameters() if p.requires_grad)
