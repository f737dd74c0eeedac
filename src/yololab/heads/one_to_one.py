"""Heads of two branches over the same features, one of which is trained to find every object once.

YOLOv10 (arXiv:2405.14458, sec. 3.1) and YOLO26: the one-to-many branch teaches backbone and neck, the one-to-one branch
reads detached features and needs no suppression. Either answers: `answer` names the branch, main_only() keeps it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yololab.heads.base import ONE_TO_MANY, ONE_TO_ONE, Head
from yololab.heads.detect import Detect, box_and_class_layers, decoupled
from yololab.heads.dfl import DFL, dfl_of
from yololab.heads.distances import decode_distances, predict_levels, set_biases_
from yololab.heads.prototypes import FusedProto, without_classes
from yololab.heads.segment import Segment, with_masks
from yololab.structures import HeadMaps, Predictions

BRANCHES = (ONE_TO_MANY, ONE_TO_ONE)


class OneToOneDetect(Head):
    """Detect twice; the second starts as a copy of the first. Arguments are Detect's."""

    branches = BRANCHES
    shares_features = True
    answer = ONE_TO_ONE

    def __init__(
        self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int, reg_max: int = 16,
        light_classes: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        self.cv2, self.cv3, self.dfl = _boxes_and_classes(in_channels, strides, num_classes, reg_max, light_classes)
        self.one2one_cv2, self.one2one_cv3 = copy.deepcopy(self.cv2), copy.deepcopy(self.cv3)
        self._arguments = {"reg_max": reg_max, "light_classes": light_classes}

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 * reg_max + num_classes, H, W) of both branches."""
        apart = [feature.detach() for feature in features]
        return {
            ONE_TO_MANY: HeadMaps(predict_levels(self.cv2, self.cv3, features)),
            ONE_TO_ONE: HeadMaps(predict_levels(self.one2one_cv2, self.one2one_cv3, apart)),
        }

    def decode(self, maps: HeadMaps, branch: str = ONE_TO_ONE) -> Predictions:
        """Raw maps of either branch -> predictions."""
        return decode_distances(maps, self.main_strides, self.dfl, self.num_classes)

    def main_only(self) -> Detect:
        """A Detect that holds the branch `answer`."""
        with torch.device("meta"):  # all of its layers are replaced
            single = Detect(self.in_channels, strides=self.strides, num_classes=self.num_classes, **self._arguments)
        single.cv2, single.cv3 = _layers(self, "cv2"), _layers(self, "cv3")
        single.dfl = self.dfl
        return single.train(self.training)


class OneToOneSegment(Head):
    """Segment with prototypes of all levels, twice but for these, which only the one-to-many branch teaches."""

    branches = BRANCHES
    shares_features = True
    answer = ONE_TO_ONE
    predicts_masks = True

    def __init__(
        self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int, reg_max: int = 16,
        num_prototypes: int = 32, prototype_channels: int = 256, light_classes: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        self.cv2, self.cv3, self.dfl = _boxes_and_classes(in_channels, strides, num_classes, reg_max, light_classes)
        self.one2one_cv2, self.one2one_cv3 = copy.deepcopy(self.cv2), copy.deepcopy(self.cv3)
        self.num_prototypes = num_prototypes
        self.proto = FusedProto(in_channels, prototype_channels, num_prototypes, num_classes)
        width = max(in_channels[0] // 4, num_prototypes)
        self.cv4 = nn.ModuleList(decoupled(c, width, num_prototypes) for c in in_channels)
        self.one2one_cv4 = copy.deepcopy(self.cv4)
        self._arguments = {
            "reg_max": reg_max, "light_classes": light_classes, "num_prototypes": num_prototypes,
            "prototype_channels": prototype_channels, "fused_prototypes": True,
        }  # fmt: skip

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 * reg_max + num_classes + num_prototypes, H, W) of both branches."""
        prototypes, semantic = self.proto(*features)
        many = _with_coefficients(predict_levels(self.cv2, self.cv3, features), self.cv4, features)
        apart = [feature.detach() for feature in features]
        boxes = predict_levels(self.one2one_cv2, self.one2one_cv3, apart)
        one = _with_coefficients(boxes, self.one2one_cv4, apart)
        return {
            ONE_TO_MANY: HeadMaps(many, prototypes, semantic),
            ONE_TO_ONE: HeadMaps(one, prototypes.detach()),
        }

    def decode(self, maps: HeadMaps, branch: str = ONE_TO_ONE) -> Predictions:
        """Raw maps of either branch -> predictions with mask coefficients and prototypes."""
        predictions = decode_distances(maps, self.main_strides, self.dfl, self.num_classes)
        return with_masks(predictions, maps, self.num_prototypes)

    def main_only(self) -> Segment:
        """A Segment that holds the branch `answer`; the map of classes is gone."""
        with torch.device("meta"):
            single = Segment(self.in_channels, strides=self.strides, num_classes=self.num_classes, **self._arguments)
        single.cv2, single.cv3, single.cv4 = (_layers(self, name) for name in ("cv2", "cv3", "cv4"))
        single.dfl = self.dfl
        single.proto = without_classes(self.proto)
        return single.train(self.training)


def _boxes_and_classes(
    in_channels: Sequence[int], strides: Sequence[int], num_classes: int, reg_max: int, light_classes: bool
) -> tuple[nn.ModuleList, nn.ModuleList, DFL | None]:
    """Layers of boxes and of classes with their first biases, and the projection of distances."""
    boxes, classes = box_and_class_layers(in_channels, num_classes, reg_max, light_classes)
    set_biases_(boxes, classes, strides, num_classes)
    return boxes, classes, dfl_of(reg_max)


def _layers(head: nn.Module, name: str) -> nn.ModuleList:
    """Those of the branch that answers."""
    return getattr(head, name if head.answer == ONE_TO_MANY else f"one2one_{name}")


def _with_coefficients(boxes: list[Tensor], layers: nn.ModuleList, features: Sequence[Tensor]) -> list[Tensor]:
    return [torch.cat((b, layer(x)), dim=1) for b, layer, x in zip(boxes, layers, features, strict=True)]


def set_answer(head: Head, nms: str) -> None:
    """Let the branch answer that goes with a suppression, none or nms. ValueError where there is no such branch."""
    if nms == "none" and ONE_TO_ONE not in head.branches:
        raise ValueError("no branch of this head finds every object once")
    if ONE_TO_ONE in head.branches:
        head.answer = ONE_TO_ONE if nms == "none" else ONE_TO_MANY
