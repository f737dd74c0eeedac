"""Mask prototypes: YOLOv8's, of the finest level (YOLACT, arXiv:1904.02689), and YOLO26's, of all levels."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.conv import Conv


class Proto(nn.Module):
    """Mask prototypes at twice the resolution of the finest level: 3x3, transposed 2x2, 3x3, 1x1."""

    def __init__(self, in_channels: int, hidden: int, num_prototypes: int, activation: str = "silu") -> None:
        super().__init__()
        self.cv1 = Conv(in_channels, channels=hidden, kernel_size=3, activation=activation)
        self.upsample = nn.ConvTranspose2d(hidden, hidden, 2, stride=2)
        self.cv2 = Conv(hidden, channels=hidden, kernel_size=3, activation=activation)
        self.cv3 = Conv(hidden, channels=num_prototypes, activation=activation)

    def forward(self, *features: Tensor) -> tuple[Tensor, None]:
        """The finest of the features, (B, C, H, W) -> (B, num_prototypes, 2H, 2W); no class map."""
        return self.cv3(self.cv2(self.upsample(self.cv1(features[0])))), None


class FusedProto(nn.Module):
    """Proto over the sum of all levels, brought to the width and size of the finest; a map of classes beside it, which
    only training computes (`semseg` is None once deployed).
    """

    def __init__(self, in_channels: Sequence[int], hidden: int, num_prototypes: int, num_classes: int) -> None:
        super().__init__()
        finest = in_channels[0]
        self.cv1 = Conv(hidden, channels=hidden, kernel_size=3)
        self.upsample = nn.ConvTranspose2d(hidden, hidden, 2, stride=2)
        self.cv2 = Conv(hidden, channels=hidden, kernel_size=3)
        self.cv3 = Conv(hidden, channels=num_prototypes)
        self.feat_refine = nn.ModuleList(Conv(c, channels=finest) for c in in_channels[1:])
        self.feat_fuse = Conv(finest, channels=hidden, kernel_size=3)
        self.semseg: nn.Sequential | None = nn.Sequential(
            Conv(finest, channels=hidden, kernel_size=3),
            Conv(hidden, channels=hidden, kernel_size=3),
            nn.Conv2d(hidden, num_classes, 1),
        )

    def forward(self, *features: Tensor) -> tuple[Tensor, Tensor | None]:
        """Features (B, C, H, W) -> prototypes (B, num_prototypes, 2H, 2W); training: logits (B, classes, H, W)."""
        fused = features[0]
        for refine, coarse in zip(self.feat_refine, features[1:], strict=True):
            fused = fused + F.interpolate(refine(coarse), size=fused.shape[2:], mode="nearest")
        maps = self.cv3(self.cv2(self.upsample(self.cv1(self.feat_fuse(fused)))))
        return maps, self.semseg(fused) if self.training and self.semseg is not None else None


def without_classes(proto: nn.Module) -> nn.Module:
    """The same prototypes, sharing their layers, without the map of classes."""
    bare = copy.copy(proto)
    bare._modules = {**proto._modules, "semseg": None}
    return bare
