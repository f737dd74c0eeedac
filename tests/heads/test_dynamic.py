from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from yololab.blocks.deform_conv import deformed
from yololab.heads import DynamicDetect
from yololab.heads.dynamic import DeformedLevel, DynamicBlock, TaskAware

STRIDES = (8, 16, 32)


def levels(channels=16):
    return [torch.rand(2, channels, 16 >> i, 24 >> i) for i in range(3)]


def test_the_task_aware_step_begins_as_a_rectifier():
    step, x = TaskAware(8), torch.randn(2, 8, 4, 4)
    torch.nn.init.zeros_(step.fc[2].weight)
    torch.nn.init.zeros_(step.fc[2].bias)
    torch.testing.assert_close(step(x), x.relu())


def test_its_four_numbers_are_a_slope_and_a_shift_twice():
    step, x = TaskAware(4), torch.randn(2, 4, 3, 3)
    said = (F.hardsigmoid(step.fc(x.mean((2, 3), keepdim=True))) - 0.5).view(2, 4, 4, 1, 1)
    expected = torch.maximum((2 * said[:, 0] + 1) * x + said[:, 1], 2 * said[:, 2] * x + said[:, 3])
    torch.testing.assert_close(step(x), expected)


def test_before_it_has_learnt_where_a_level_is_a_convolution_times_its_gate():
    level, x = DeformedLevel(16), torch.rand(2, 16, 6, 6)
    y = level.gn(0.5 * level.conv(x))
    gate = F.hardsigmoid(level.linear(y.mean((2, 3), keepdim=True)).relu())
    offsets, weights = torch.zeros(2, 18, 6, 6), torch.full((2, 9, 6, 6), 0.5)
    torch.testing.assert_close(level(x, offsets, weights), gate * y, rtol=1e-4, atol=1e-5)


def test_a_level_sees_its_neighbours_and_no_level_beyond():
    block, features = DynamicBlock(16).eval(), levels()
    before = block(features)
    changed = [features[0] + torch.rand_like(features[0]), *features[1:]]
    moved = [not torch.equal(a, b) for a, b in zip(block(changed), before, strict=True)]
    assert moved == [True, True, False]
    assert [tuple(x.shape) for x in before] == [tuple(x.shape) for x in features]


def test_rounds_are_stacked_and_levels_share_them():
    one, two = (DynamicDetect((8, 16, 24), strides=STRIDES, num_classes=3, hidden=16, rounds=n) for n in (1, 2))
    extra = sum(p.numel() for p in two.parameters()) - sum(p.numel() for p in one.parameters())
    assert extra == sum(p.numel() for p in DynamicBlock(16).parameters())


def test_levels_that_are_no_neighbours_are_refused():
    with pytest.raises(ValueError, match="twice the stride before"):
        DynamicDetect((8, 16), strides=(8, 32), num_classes=3, hidden=16)


def test_a_single_level_has_no_neighbours_to_learn_from():
    head = DynamicDetect((8,), strides=(32,), num_classes=3, hidden=16)
    head([torch.rand(2, 8, 4, 4)])["main"].levels[0].square().sum().backward()
    assert [name for name, p in head.named_parameters() if p.requires_grad and p.grad is None] == []


@pytest.mark.parametrize("stride", [1, 2])
def test_deformable_convolution_runs_in_bfloat16_with_places_in_float32(stride):
    x, kernel = torch.rand(2, 6, 8, 8), torch.rand(5, 6, 3, 3)
    offsets, weights = torch.rand(2, 18, 8 // stride, 8 // stride), torch.rand(2, 9, 8 // stride, 8 // stride)
    with torch.autocast("cpu", torch.bfloat16):
        found = deformed(x.bfloat16(), offsets.bfloat16(), weights.bfloat16(), kernel, stride)
    assert found.dtype == torch.bfloat16
    rounded = (tensor.bfloat16().float() for tensor in (x, offsets, weights))
    torch.testing.assert_close(found.float(), deformed(*rounded, kernel, stride), rtol=1e-2, atol=1e-2)
