from __future__ import annotations

import math

import pytest
import torch

from yololab.losses import PIoU2Loss, PIoULoss
from yololab.losses.piou import penalty

TARGET, FOUND = torch.tensor([[0.0, 0, 20, 10]]), torch.tensor([[2.0, 1, 24, 10]])
P = (2 / 20 + 4 / 20 + 1 / 10 + 0) / 4


def test_the_penalty_is_relative_to_the_target_alone():
    assert penalty(FOUND, TARGET).item() == pytest.approx(P)
    grown = FOUND + torch.tensor([-9.0, -9, 9, 9])
    assert penalty(grown, TARGET) > penalty(FOUND, TARGET)


def test_both_versions_by_hand():
    overlap = 18 * 9 / (200 + 22 * 9 - 18 * 9)
    first = 1 - overlap + 1 - math.exp(-(P**2))
    assert PIoULoss()(FOUND, TARGET).item() == pytest.approx(first, rel=1e-5)
    x = 1.3 * math.exp(-P)
    assert PIoU2Loss()(FOUND, TARGET).item() == pytest.approx(3 * x * math.exp(-(x**2)) * first, rel=1e-5)


def test_a_constant_factor_has_no_gradient_of_its_own():
    grads = []
    for detach in (False, True):
        box = FOUND.clone().requires_grad_()
        PIoU2Loss(detach_attention=detach)(box, TARGET).sum().backward()
        grads.append(box.grad)
    assert not torch.allclose(*grads)
