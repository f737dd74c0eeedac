"""DDetect and DualDDetect: YOLOv9's heads, whose box branch is grouped by side (arXiv:2402.13616).

DualDDetect reads an auxiliary branch too, which only training uses (programmable gradient information, sec. 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yololab.blocks.conv import Conv
from yololab.graph.scale import make_divisible
from yololab.heads.base import AUX, MAIN, Head
from yololab.heads.detect import decoupled
from yololab.heads.dfl import DFL
from yololab.heads.distances import decode_distances, predict_levels, set_biases_
from yololab.structures import HeadMaps, Predictions

SIDES = 4


class DDetect(Head):
    """One branch: a 3x3 Conv, a 3x3 Conv and a 1x1 predictor, the last two in one group per box side."""

    def __init__(
        self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int, reg_max: int = 16
    ) -> None:
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        self.cv2, self.cv3 = _branch(in_channels, num_classes, reg_max)
        self.dfl = DFL(reg_max)
        set_biases_(self.cv2, self.cv3, strides, num_classes)

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 * reg_max + num_classes, H, W)."""
        return {MAIN: HeadMaps(predict_levels(self.cv2, self.cv3, features))}

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps -> predictions."""
        return decode_distances(maps, self.main_strides, self.dfl, self.num_classes)


class DualDDetect(Head):
    """Two DDetect branches: the first half of the features feeds "aux", the second "main"."""

    branches = (AUX, MAIN)

    def __init__(
        self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int, reg_max: int = 16
    ) -> None:
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        half = len(in_channels) // 2
        if len(in_channels) % 2 or tuple(strides[:half]) != tuple(strides[half:]):
            raise ValueError(f"expected auxiliary features of the same strides as the main ones, got {list(strides)}")
        self.cv2, self.cv3 = _branch(in_channels[:half], num_classes, reg_max)
        self.cv4, self.cv5 = _branch(in_channels[half:], num_classes, reg_max)
        self.dfl = DFL(reg_max)
        self.dfl2 = DFL(reg_max)
        set_biases_(self.cv2, self.cv3, strides[:half], num_classes)
        set_biases_(self.cv4, self.cv5, strides[half:], num_classes)

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W), auxiliary ones first -> maps (B, 4 * reg_max + num_classes, H, W) per branch."""
        aux, main = features[: self.num_levels], features[self.num_levels :]
        return {
            AUX: HeadMaps(predict_levels(self.cv2, self.cv3, aux)),
            MAIN: HeadMaps(predict_levels(self.cv4, self.cv5, main)),
        }

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps of one branch -> predictions; each branch has a projection of its own."""
        dfl = self.dfl if branch == AUX else self.dfl2
        return decode_distances(maps, self.main_strides, dfl, self.num_classes)

    def main_only(self) -> DDetect:
        """A DDetect that holds this head's main branch."""
        channels = self.in_channels[self.num_levels :]
        with torch.device("meta"):  # all of its layers are replaced
            single = DDetect(
                channels, strides=self.main_strides, num_classes=self.num_classes, reg_max=self.dfl2.num_bins
            )
        single.cv2, single.cv3, single.dfl = self.cv4, self.cv5, self.dfl2
        return single.train(self.training)


def _branch(in_channels: Sequence[int], num_classes: int, reg_max: int) -> tuple[nn.ModuleList, nn.ModuleList]:
    box_width = make_divisible(max(in_channels[0] // 4, 4 * reg_max, 16), SIDES)
    class_width = max(in_channels[0], min(2 * num_classes, 128))
    box = nn.ModuleList(_grouped(c, box_width, 4 * reg_max) for c in in_channels)
    classes = nn.ModuleList(decoupled(c, class_width, num_classes) for c in in_channels)
    return box, classes


def _grouped(in_channels: int, width: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        Conv(in_channels, channels=width, kernel_size=3),
        Conv(width, channels=width, kernel_size=3, groups=SIDES),
        nn.Conv2d(width, outputs, 1, groups=SIDES),
    )
