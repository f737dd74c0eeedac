"""Detect: YOLOv8's decoupled, anchor-free head with distance distributions."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from yololab.blocks.conv import Conv
from yololab.heads.base import MAIN, Head
from yololab.heads.dfl import dfl_of
from yololab.heads.distances import decode_distances, predict_levels, set_biases_
from yololab.structures import HeadMaps, Predictions


class Detect(Head):
    """Two 3x3 Convs and a 1x1 predictor for boxes, the same for classes, separate for each level.

    With `light_classes` each 3x3 of the classes is a depth-wise one and a 1x1, as in YOLO11. With `reg_max` 1 distances
    are predicted as they are, without a distribution, as in YOLO26.
    """

    def __init__(
        self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int, reg_max: int = 16,
        light_classes: bool = False, activation: str = "silu",
    ) -> None:  # fmt: skip
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        self.cv2, self.cv3 = box_and_class_layers(in_channels, num_classes, reg_max, light_classes, activation)
        self.dfl = dfl_of(reg_max)
        set_biases_(self.cv2, self.cv3, strides, num_classes)

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 * reg_max + num_classes, H, W)."""
        return {MAIN: HeadMaps(predict_levels(self.cv2, self.cv3, features))}

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps -> predictions."""
        return decode_distances(maps, self.main_strides, self.dfl, self.num_classes)


def box_and_class_layers(
    in_channels: Sequence[int], num_classes: int, reg_max: int, light_classes: bool = False, activation: str = "silu"
) -> tuple[nn.ModuleList, nn.ModuleList]:
    """Layers that predict box distributions and class logits, one of each per level."""
    box_width = max(16, in_channels[0] // 4, 4 * reg_max)
    class_width = max(in_channels[0], min(num_classes, 100))
    boxes = nn.ModuleList(decoupled(c, box_width, 4 * reg_max, activation) for c in in_channels)
    make = light if light_classes else decoupled
    return boxes, nn.ModuleList(make(c, class_width, num_classes, activation) for c in in_channels)


def decoupled(in_channels: int, width: int, outputs: int, activation: str = "silu") -> nn.Sequential:
    """Two 3x3 Convs and a 1x1 predictor."""
    return nn.Sequential(
        Conv(in_channels, channels=width, kernel_size=3, activation=activation),
        Conv(width, channels=width, kernel_size=3, activation=activation),
        nn.Conv2d(width, outputs, 1),
    )


def light(in_channels: int, width: int, outputs: int, activation: str = "silu") -> nn.Sequential:
    """Twice a depth-wise 3x3 and a 1x1, then the 1x1 predictor."""

    def separable(read: int) -> nn.Sequential:
        return nn.Sequential(
            Conv(read, channels=read, kernel_size=3, groups=read, activation=activation),
            Conv(read, channels=width, activation=activation),
        )

    return nn.Sequential(separable(in_channels), separable(width), nn.Conv2d(width, outputs, 1))
