from __future__ import annotations

import torch

from yololab.heads import Segment


def head(**args):
    return Segment((8, 16, 24), strides=(8, 16, 32), num_classes=2, num_prototypes=4, prototype_channels=8, **args)


def features(side=64):
    return [torch.rand(2, c, side // s, side // s) for c, s in ((8, 8), (16, 16), (24, 32))]


def test_prototypes_have_a_quarter_of_the_inputs_resolution_and_every_point_a_coefficient_for_each():
    made = head()
    maps = made(features())["main"]
    assert maps.prototypes.shape == (2, 4, 16, 16)
    predictions = made.decode(maps)
    assert predictions.mask_coefficients.shape == (2, 84, 4)
    assert predictions.prototypes is maps.prototypes
    assert predictions.class_logits.shape == (2, 84, 2)


def test_detections_carry_what_masks_are_made_of():
    made = head().eval()
    found = made.detections(made(features())["main"])
    assert made.predicts_masks
    assert found.mask_coefficients.shape[:2] == found.scores.shape[:2]
    assert found.prototypes.shape[1] == found.mask_coefficients.shape[2]
