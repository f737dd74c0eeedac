from __future__ import annotations

import math

import pytest
import torch

from yololab.losses.mask_loss import inside_boxes_mask, mask_loss
from yololab.structures import Assignment, Predictions, Targets


def predictions(prototypes, coefficients):
    points = coefficients.shape[1]
    return Predictions(
        torch.zeros(1, points, 4),
        torch.zeros(1, points, 1),
        torch.zeros(points, 2),
        torch.ones(points),
        mask_coefficients=coefficients,
        prototypes=prototypes,
    )


def case(value, positive=True):
    """One box of 16 x 8 pixels in an input of 32 x 32, its mask filling it; logits of `value` inside it."""
    masks = torch.zeros(1, 8, 8, dtype=torch.int32)
    masks[0, 2:4, 1:5] = 1
    prototypes = torch.full((1, 1, 8, 8), 1.0, requires_grad=True)
    coefficients = torch.full((1, 2, 1), value, requires_grad=True)
    targets = Targets(
        torch.tensor([[[4.0, 8, 20, 16]]]), torch.zeros(1, 1, dtype=torch.long), torch.tensor([[True]]), masks
    )
    flags = torch.tensor([[positive, False]])
    assignment = Assignment(flags, torch.zeros(1, 2, dtype=torch.long), flags.float(), flags.float())
    return predictions(prototypes, coefficients), assignment, targets


@pytest.mark.parametrize("value", [0.0, 2.0, -1.0])
def test_the_loss_is_the_entropy_inside_the_box_over_the_boxs_share(value):
    # 8 of 64 pixels lie inside; their mean over the map is entropy * 8 / 64, the box's share 16 * 8 / 32^2 = 1 / 8.
    entropy = math.log(1 + math.exp(-value))
    assert mask_loss(*case(value)).item() == pytest.approx(entropy, rel=1e-5)


def test_without_positives_it_is_zero_and_reaches_every_input():
    found, assignment, targets = case(1.0, positive=False)
    loss = mask_loss(found, assignment, targets)
    loss.backward()
    assert loss.item() == 0
    assert found.prototypes.grad is not None
    assert found.mask_coefficients.grad is not None


def test_pixels_inside_a_box_are_those_whose_corner_it_holds():
    inside = inside_boxes_mask(torch.tensor([[4.0, 8, 20, 16]]), (8, 8), (32, 32))
    assert inside[0].nonzero().tolist() == [[y, x] for y in (2, 3) for x in (1, 2, 3, 4)]


def test_finer_prototypes_of_a_finer_level_are_compared_with_the_nearest_pixels():
    """The measured fault: task=segment levels=[2,3,4,5] ended in an error about sizes at the first step."""
    masks = torch.zeros(1, 8, 8, dtype=torch.long)
    masks[0, 2:6, 1:5] = 1
    boxes = torch.tensor([[[4.0, 8, 20, 24]]])
    targets = Targets(boxes, torch.zeros(1, 1, dtype=torch.long), torch.ones(1, 1, dtype=torch.bool), masks=masks)
    found = []
    for side in (8, 16):
        shape = torch.zeros(1, 1, side, side)
        scale = side // 8
        shape[0, 0, 2 * scale : 6 * scale, scale : 5 * scale] = 40.0
        shape[shape == 0] = -40.0
        one = torch.ones(1, 1)
        predictions = Predictions(
            boxes, torch.zeros(1, 1, 1), torch.zeros(1, 2), torch.ones(1), mask_coefficients=one[None], prototypes=shape
        )
        assignment = Assignment(one.bool(), one.long() * 0, one, one)
        found.append(float(mask_loss(predictions, assignment, targets)))
    assert found == pytest.approx([0.0, 0.0], abs=1e-6)
