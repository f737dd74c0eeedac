from __future__ import annotations

import torch
from torch.nn import functional as F

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
