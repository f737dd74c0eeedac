"""EffiDe: YOLOv6's efficient decoupled head with objectness and direct box regression (release 0.1.0).

Decoding, with t the raw output, g the cell's corner and s the stride:
`decode="grid"`:      centre = (t_xy + g) s,                   size = exp(t_wh) s
`decode="grid_free"`: centre = (2 sigmoid(t_xy) - 0.5 + g) s,  size = (2 sigmoid(t_wh))^2 a s, a = `anchor_strides`,
YOLOv5's removal of grid sensitivity: a centre can lie on the border of a cell with a finite t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yololab.blocks.conv import Conv
from yololab.blocks.separable_conv import SeparableConv
from yololab.heads.base import MAIN, Head, constant_bias_
from yololab.ops.boxes import cxcywh_to_xyxy
from yololab.ops.grid import flatten_levels, grid_points
from yololab.structures import HeadMaps, Predictions

PRIOR = 1e-2


class EffiDe(Head):
    """Per level: a 1x1 stem, a 3x3 Conv for classes, one for boxes; objectness is read from the box branch.

    YOLOX's head is the same with `convs` 2 in each branch, all `hidden` wide, and SeparableConvs for nano.

    Raw maps are (B, 4 + 1 + num_classes, H, W): box, objectness, classes; without objectness (`objectness=false`, as
    in later releases) (B, 4 + num_classes, H, W).
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        *,
        strides: Sequence[int],
        num_classes: int,
        decode: str = "grid",
        objectness: bool = True,
        anchor_strides: float = 4.0,
        hidden: int | None = None,
        convs: int = 1,
        separable: bool = False,
    ) -> None:
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        if decode not in ("grid", "grid_free"):
            raise ValueError(f"head.decode must be 'grid' or 'grid_free', got {decode!r}")
        self.decode_mode = decode
        self.anchor_strides = anchor_strides
        self.has_objectness = objectness
        widths = [hidden or c for c in in_channels]
        self.cls_convs = nn.ModuleList(_branch(c, convs, separable) for c in widths)
        self.reg_convs = nn.ModuleList(_branch(c, convs, separable) for c in widths)
        self.cls_preds = nn.ModuleList(nn.Conv2d(c, num_classes, 1) for c in widths)
        self.reg_preds = nn.ModuleList(nn.Conv2d(c, 4, 1) for c in widths)
        self.obj_preds = nn.ModuleList(nn.Conv2d(c, 1, 1) for c in widths if objectness)
        self.stems = nn.ModuleList(Conv(c, channels=width) for c, width in zip(in_channels, widths, strict=True))
        for predictor in [*self.cls_preds, *self.obj_preds]:
            constant_bias_(predictor, -math.log((1 - PRIOR) / PRIOR))  # type: ignore[arg-type]

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 + 1 + num_classes, H, W)."""
        return {MAIN: HeadMaps([self._level(i, x) for i, x in enumerate(features)])}

    def _level(self, index: int, x: Tensor) -> Tensor:
        x = self.stems[index](x)
        box_feature = self.reg_convs[index](x)
        maps = [self.reg_preds[index](box_feature)]
        if self.has_objectness:
            maps.append(self.obj_preds[index](box_feature))
        maps.append(self.cls_preds[index](self.cls_convs[index](x)))
        return torch.cat(maps, dim=1)

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps -> predictions; `center_size` is what the L1 term compares."""
        points, strides = grid_points(maps.levels, self.main_strides)
        flat = flatten_levels([level.float() for level in maps.levels])
        raw, objectness, class_logits = flat.split((4, int(self.has_objectness), self.num_classes), dim=2)
        center, log_size = self._center_size(raw)
        corner = points / strides[:, None] - 0.5
        scale = strides[:, None]
        boxes_cxcywh = torch.cat(((center + corner) * scale, log_size.exp() * scale), dim=-1)
        return Predictions(
            boxes_xyxy=cxcywh_to_xyxy(boxes_cxcywh),
            class_logits=class_logits,
            points=points,
            strides=strides,
            objectness_logits=objectness.squeeze(-1) if self.has_objectness else None,
            center_size=torch.cat((center, log_size), dim=-1),
        )

    def _center_size(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Centre minus the cell's corner in strides, and logarithm of the size in strides."""
        if self.decode_mode == "grid":
            return raw[..., :2], raw[..., 2:]
        center = 2 * raw[..., :2].sigmoid() - 0.5
        log_size = 2 * (math.log(2) + nn.functional.logsigmoid(raw[..., 2:])) + math.log(self.anchor_strides)
        return center, log_size


def _branch(width: int, convs: int, separable: bool) -> nn.Module:
    """So many 3x3 convolutions; a single one stands by itself, as in YOLOv6's checkpoints."""
    made = [
        SeparableConv(width, channels=width) if separable else Conv(width, channels=width, kernel_size=3)
        for _ in range(convs)
    ]
    return made[0] if convs == 1 else nn.Sequential(*made)
