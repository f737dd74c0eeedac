"""Segment: Detect with mask coefficients over shared prototypes (YOLACT, arXiv:1904.02689; YOLOv8's form)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from yololab.heads.base import MAIN, Head
from yololab.heads.detect import box_and_class_layers, decoupled
from yololab.heads.dfl import dfl_of
from yololab.heads.distances import decode_distances, predict_levels, set_biases_
from yololab.heads.prototypes import FusedProto, Proto, without_classes
from yololab.ops.grid import flatten_levels
from yololab.structures import HeadMaps, Predictions


class Segment(Head):
    """Raw maps are Detect's, then `num_prototypes` mask coefficients; prototypes come from the finest level, or, with
    `fused_prototypes`, from all (YOLO26).
    """

    predicts_masks = True

    def __init__(
        self,
        in_channels: Sequence[int],
        *,
        strides: Sequence[int],
        num_classes: int,
        reg_max: int = 16,
        num_prototypes: int = 32,
        prototype_channels: int = 256,
        light_classes: bool = False,
        fused_prototypes: bool = False,
        activation: str = "silu",
    ) -> None:
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        self.cv2, self.cv3 = box_and_class_layers(in_channels, num_classes, reg_max, light_classes, activation)
        self.dfl = dfl_of(reg_max)
        set_biases_(self.cv2, self.cv3, strides, num_classes)
        width = max(in_channels[0] // 4, num_prototypes)
        self.num_prototypes = num_prototypes
        self.proto: nn.Module = (
            FusedProto(in_channels, prototype_channels, num_prototypes, num_classes)
            if fused_prototypes
            else Proto(in_channels[0], prototype_channels, num_prototypes, activation)
        )
        self.cv4 = nn.ModuleList(decoupled(c, width, num_prototypes, activation) for c in in_channels)

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 * reg_max + num_classes + num_prototypes, H, W) and prototypes."""
        boxes = predict_levels(self.cv2, self.cv3, features)
        levels = [torch.cat((b, layer(x)), dim=1) for b, layer, x in zip(boxes, self.cv4, features, strict=True)]
        return {MAIN: HeadMaps(levels, *self.proto(*features))}

    def main_only(self) -> Segment:
        """The head without its map of classes, which only training computes; itself where it has none."""
        if getattr(self.proto, "semseg", None) is None:
            return self
        single = copy.copy(self)
        single._modules = {**self._modules, "proto": without_classes(self.proto)}
        return single

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps -> predictions with mask coefficients and prototypes."""
        predictions = decode_distances(maps, self.main_strides, self.dfl, self.num_classes)
        return with_masks(predictions, maps, self.num_prototypes)


def with_masks(predictions: Predictions, maps: HeadMaps, num_prototypes: int) -> Predictions:
    """Predictions with what the last `num_prototypes` channels and the prototypes say of their masks."""
    coefficients = flatten_levels([level[:, -num_prototypes:] for level in maps.levels])
    return replace(
        predictions, mask_coefficients=coefficients, prototypes=maps.prototypes, semantic_logits=maps.semantic
    )
