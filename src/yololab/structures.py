"""Frozen data that flows between the parts: what a head predicts, what a label says, what an assigner decides."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

T = TypeVar("T", bound="TensorData")


class TensorData:
    """A dataclass of tensors that can be moved as a whole."""

    def to(self: T, device: torch.device | str, non_blocking: bool = False) -> T:
        """Return the same data with every tensor on `device`."""
        moved: dict[str, Any] = {}
        for item in fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            if isinstance(value, Tensor | TensorData):
                moved[item.name] = value.to(device, non_blocking=non_blocking)
        return replace(self, **moved)  # type: ignore[type-var]


@dataclass(frozen=True)
class Targets(TensorData):
    """Labels of a batch, padded to the image with the most boxes; rows beyond an image's own are not `valid`."""

    boxes_xyxy: Float[Tensor, "batch boxes 4"]
    """Pixels of the network input."""
    labels: Int[Tensor, "batch boxes"]
    valid: Bool[Tensor, "batch boxes"]
    masks: Int[Tensor, "batch height width"] | None = None
    """Instance maps: 0 where nothing is, k + 1 where box k of the image is visible."""


class HeadMaps(NamedTuple):
    """Raw output of one branch of a head: a map (B, K, H, W) per level, and mask prototypes where it has any."""

    levels: list[Tensor]
    prototypes: Tensor | None = None
    semantic: Tensor | None = None
    """Class logits (B, classes, H/8, W/8) of pixels, in training, where the head has such a map"""


class Detections(NamedTuple):
    """Decoded output for inference, before suppression: pixels of the network input and probabilities."""

    boxes_xyxy: Tensor
    """(B, N, 4)"""
    scores: Tensor
    """(B, N, classes) in [0, 1]"""
    mask_coefficients: Tensor | None = None
    """(B, N, prototypes)"""
    prototypes: Tensor | None = None
    """(B, prototypes, H/4, W/4)"""


@dataclass(frozen=True)
class Predictions(TensorData):
    """Decoded output of one branch for training: everything that an assigner or a loss may read."""

    boxes_xyxy: Float[Tensor, "batch points 4"]
    """Pixels of the network input."""
    class_logits: Float[Tensor, "batch points classes"]
    points: Float[Tensor, "points 2"]
    """Centres of the grid cells, in pixels."""
    strides: Float[Tensor, " points"]
    objectness_logits: Float[Tensor, "batch points"] | None = None
    box_distribution: Float[Tensor, "batch points 4 bins"] | None = None
    """Logits over distances to left, top, right, bottom, in strides."""
    center_size: Float[Tensor, "batch points 4"] | None = None
    """Direct regression: centre minus cell corner in strides, logarithm of the size in strides."""
    side_distances: Float[Tensor, "batch points 4"] | None = None
    """Pixels to left, top, right, bottom, where a head predicts them as they are"""
    input_size: tuple[int, int] | None = None
    """(width, height) of the network input"""
    mask_coefficients: Float[Tensor, "batch points prototypes"] | None = None
    prototypes: Float[Tensor, "batch prototypes height width"] | None = None
    semantic_logits: Float[Tensor, "batch classes rows columns"] | None = None
    """Of pixels, in training, where a head has such a map"""

    @property
    def scores(self) -> Float[Tensor, "batch points classes"]:
        """Class probabilities, times the objectness where it is predicted."""
        scores = self.class_logits.sigmoid()
        return scores if self.objectness_logits is None else scores * self.objectness_logits.sigmoid().unsqueeze(-1)


@dataclass(frozen=True)
class Assignment(TensorData):
    """Which point learns which box, and how strongly."""

    positive: Bool[Tensor, "batch points"]
    box_index: Int[Tensor, "batch points"]
    """Row of Targets; 0 where not positive."""
    quality: Float[Tensor, "batch points"]
    """Target of the assigned class in [0, 1]; 0 where not positive."""
    box_weight: Float[Tensor, "batch points"]
    """Weight of the point's box terms; their sum normalises the loss."""
