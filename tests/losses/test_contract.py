"""The contract of every box loss of conf/loss: finite for every pair of boxes, least where they are equal."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from parts import choices, config_of, make_box_loss
from yololab.assigners import TaskAligned
from yololab.losses import DetectionLoss

DEGENERATE = {
    "identical": [(10, 10, 30, 40), (10, 10, 30, 40)],
    "zero width": [(10, 10, 10, 40), (10, 10, 30, 40)],
    "both points": [(10, 10, 10, 10), (10, 10, 10, 10)],
    "different points": [(10, 10, 10, 10), (50, 60, 50, 60)],
    "same centre": [(0, 0, 40, 40), (10, 15, 30, 25)],
    "disjoint": [(0, 0, 5, 5), (500, 600, 620, 640)],
    "touching": [(0, 0, 10, 10), (10, 0, 20, 10)],
    "thin": [(0, 0, 1e-4, 500), (0, 0, 500, 1e-4)],
}
CHOICES = choices("loss")
coordinate = st.floats(0, 600, width=32)


def random_boxes(count, seed):
    generator = torch.Generator().manual_seed(seed)
    low, size = torch.rand(count, 2, generator=generator) * 500, torch.rand(count, 2, generator=generator) * 99 + 1
    return torch.cat((low, low + size), dim=1)


@pytest.mark.parametrize("choice", CHOICES)
class TestContract:
    @pytest.mark.parametrize("pair", DEGENERATE)
    @pytest.mark.parametrize("autocast", [False, True])
    def test_values_and_gradients_are_finite_for_every_pair(self, choice, pair, autocast):
        boxes = torch.tensor(DEGENERATE[pair], dtype=torch.float32).unsqueeze(1).requires_grad_()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            loss = make_box_loss(choice)(boxes[0], boxes[1])
        loss.sum().backward()
        assert torch.isfinite(loss).all()
        assert torch.isfinite(boxes.grad).all()

    def test_it_is_zero_for_equal_boxes_and_more_for_others(self, choice):
        loss, a = make_box_loss(choice), random_boxes(50, 0)
        b = a + 0.3 * (a[:, 2:] - a[:, :2]).repeat(1, 2)  # overlapping: some losses weigh by the overlap
        assert loss(a, b).shape == (50,)
        assert loss(a, a).abs().max() < 1e-4
        assert (loss(a, b) > 1e-3).all()

    def test_every_pair_is_compared_by_itself(self, choice):
        loss, a, b = make_box_loss(choice), random_boxes(5, 2), random_boxes(5, 3)
        torch.testing.assert_close(loss(a, b)[2:3], loss(a[2:3], b[2:3]))
        assert loss(a[:0], b[:0]).shape == (0,)

    def test_a_step_against_the_gradient_brings_overlapping_boxes_nearer(self, choice):
        loss, wanted = make_box_loss(choice), torch.tensor([[20.0, 20, 60, 50]])
        moved = (wanted + torch.tensor([[6.0, -4, 9, 3]])).requires_grad_()
        loss(moved, wanted).sum().backward()
        nearer = moved.detach() - moved.grad
        assert loss(nearer, wanted) < loss(moved, wanted)

    def test_it_goes_into_a_detection_loss_with_the_gains_that_stand_beside_it(self, choice):
        gains = config_of("loss", choice)["loss"]["gains"]
        DetectionLoss(make_box_loss(choice), TaskAligned(), gains)


@settings(max_examples=60, deadline=None)
@given(st.lists(coordinate, min_size=8, max_size=8), st.sampled_from(CHOICES))
def test_any_pair_has_a_finite_loss_that_is_zero_for_equal_boxes(numbers, choice):
    loss = make_box_loss(choice)
    a, b = torch.tensor(numbers).view(2, 2, 2).sort(dim=1).values.flatten(1).requires_grad_()
    assert torch.isfinite(loss(a[None], b[None])).all()
    assert loss(a[None], b[None]) > -1e-4
    if (a[2:] - a[:2] > 1).all():
        assert loss(a[None], a[None]).abs() < 1e-4
