"""Class losses by their equations, written out again with numpy for single numbers."""

from __future__ import annotations

import math

import pytest
import torch

from yololab.assemble import make_parts
from yololab.config.compose import compose
from yololab.errors import ConfigError
from yololab.losses.classification import NAMES, weighed_cross_entropy

LOGITS = (-4.0, -0.7, 0.0, 0.3, 2.5)
TARGETS = (0.0, 0.2, 0.55, 0.6, 1.0)


def entropy(p, t):
    return -(t * math.log(p) + (1 - t) * math.log(1 - p))


def expected(name, p, t, mean):
    if name == "focal":
        right = t * p + (1 - t) * (1 - p)
        return (0.25 * t + 0.75 * (1 - t)) * (1 - right) ** 2 * entropy(p, t)
    if name == "quality_focal":
        return abs(t - p) ** 2 * entropy(p, t)
    if name == "varifocal":
        return (t if t > 0 else 0.75 * p**2) * entropy(p, t)
    if name == "slide":
        near = math.exp(1 - mean) if mean - 0.1 < t < mean else 1.0
        return (math.exp(1 - t) if t >= mean else near) * entropy(p, t)
    return entropy(p, t)


@pytest.mark.parametrize("name", NAMES)
def test_every_loss_is_its_equation(name):
    logits = torch.tensor(LOGITS).repeat_interleave(len(TARGETS)).requires_grad_()
    wanted = torch.tensor(TARGETS).repeat(len(LOGITS))
    got = weighed_cross_entropy(name, logits, wanted)
    mean = float(wanted[wanted > 0].mean())
    for value, logit, target in zip(got.tolist(), logits.tolist(), wanted.tolist(), strict=True):
        assert value == pytest.approx(expected(name, 1 / (1 + math.exp(-logit)), target, mean), rel=1e-4, abs=1e-7)
    got.sum().backward()
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("name", NAMES)
def test_extreme_logits_and_nothing_positive_stay_finite(name):
    logits = torch.tensor([-90.0, 90.0, 0.0], requires_grad=True)
    total = weighed_cross_entropy(name, logits, torch.zeros(3)).sum()
    total.backward()
    assert torch.isfinite(total)
    assert torch.isfinite(logits.grad).all()


def test_an_unknown_name_is_refused():
    with pytest.raises(ConfigError, match="loss.classes=focall: expected one of bce, focal.*did you mean 'focal'"):
        make_parts(compose(["loss.classes=focall"]))
