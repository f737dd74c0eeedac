"""The contract of a head: neck features -> raw maps per branch -> decoded predictions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yololab.structures import Detections, HeadMaps, Predictions

MAIN = "main"
AUX = "aux"
ONE_TO_MANY, ONE_TO_ONE = "one2many", "one2one"
"""Branches of a head that is trained to find every object once"""


class Head(nn.Module):
    """Predicts from `in_channels` features at `strides` (one each, in pixels) for `num_classes` classes.

    `branches` names what forward() yields. Each branch reads its own features, in the order of `branches`, unless
    `shares_features`; only `answer` is used for inference.
    """

    branches: tuple[str, ...] = (MAIN,)
    shares_features = False
    answer: str = MAIN
    """The branch that inference asks"""
    predicts_masks = False

    def __init__(self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int) -> None:
        super().__init__()
        if num_classes < 1:
            raise ValueError(f"num_classes must be at least 1, got {num_classes}")
        self.in_channels = tuple(in_channels)
        self.strides = tuple(strides)
        self.num_classes = num_classes

    @property
    def main_strides(self) -> tuple[int, ...]:
        """Strides of the levels of the main branch, the last of the features."""
        return self.strides[-self.num_levels :]

    @property
    def num_levels(self) -> int:
        """Levels per branch."""
        return len(self.strides) // (1 if self.shares_features else len(self.branches))

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> raw maps of every branch."""
        raise NotImplementedError

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps of one branch -> predictions with gradients."""
        raise NotImplementedError

    def main_only(self) -> Head:
        """The head for inference: the branch `answer` alone. It reads the last `num_levels` features."""
        return self

    def detections(self, maps: HeadMaps) -> Detections:
        """Raw maps of the branch `answer` -> boxes and probabilities."""
        predictions = self.decode(maps, self.answer)
        return Detections(
            predictions.boxes_xyxy, predictions.scores, predictions.mask_coefficients, predictions.prototypes
        )


def class_bias(num_classes: int, stride: int) -> float:
    """Logit of the prior that 5 objects of any class lie in an image of 640 pixels."""
    return math.log(5 / num_classes / (640 / stride) ** 2)


def constant_bias_(layer: nn.Conv2d, value: float) -> None:
    """Set every bias of a predictor."""
    assert layer.bias is not None
    with torch.no_grad():
        layer.bias.fill_(value)
