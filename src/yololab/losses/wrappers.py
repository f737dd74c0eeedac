"""What can be put over any box loss: inner boxes, a focus on a range of overlaps, Wise-IoU's weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from yololab.errors import ConfigError
from yololab.losses.box import BoxLoss
from yololab.losses.wiou import Focus, distance_attention
from yololab.ops.overlap import geometry, iou

KEYS = ("inner", "focaler", "wise")


class InnerLoss(BoxLoss):
    """Base + IoU - IoU of both boxes with their sides times `ratio` about their centres (arXiv:2311.02877, eq. 1-7).

    Below 1 sharpens the slope for boxes that overlap much, above 1 reaches for those that overlap little.
    """

    def __init__(self, base: BoxLoss, ratio: float) -> None:
        super().__init__()
        if not 0 < ratio <= 4:
            raise ConfigError(f"loss.inner={ratio}: expected a ratio of sides above 0, the paper's are 0.5 to 1.5")
        self.base, self.ratio = base, ratio

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        inner = iou(self._scaled(predicted_xyxy), self._scaled(target_xyxy))
        return self.base(predicted_xyxy, target_xyxy) + iou(predicted_xyxy, target_xyxy) - inner

    def _scaled(self, boxes_xyxy: Tensor) -> Tensor:
        low, high = boxes_xyxy.float().chunk(2, dim=-1)
        centre, reach = (low + high) / 2, (high - low) * (self.ratio / 2)
        return torch.cat((centre - reach, centre + reach), dim=-1)


class FocalerLoss(BoxLoss):
    """Base + IoU - clamp((IoU - d) / (u - d), 0, 1): all slope lies between the overlaps d and u (arXiv:2401.10525)."""

    def __init__(self, base: BoxLoss, low: float, high: float) -> None:
        super().__init__()
        if not 0 <= low < high <= 1:
            raise ConfigError(f"loss.focaler=[{low}, {high}]: expected two overlaps, 0 <= d < u <= 1")
        self.base, self.low, self.high = base, low, high

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        overlap = iou(predicted_xyxy, target_xyxy)
        focused = ((overlap - self.low) / (self.high - self.low)).clamp(0, 1)
        return self.base(predicted_xyxy, target_xyxy) + overlap - focused


class WiseLoss(BoxLoss):
    """Base times Wise-IoU's weight: v1 its distance attention, v2 and v3 its focus (see yololab.losses.wiou)."""

    def __init__(self, base: BoxLoss, version: str) -> None:
        super().__init__()
        if version not in ("v1", "v2", "v3"):
            raise ConfigError(f"loss.wise={version}: expected v1, v2 or v3")
        self.base, self.focus = base, None if version == "v1" else Focus(version)

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        g = geometry(predicted_xyxy, target_xyxy)
        weight = distance_attention(g) if self.focus is None else self.focus(g.iou)
        return weight * self.base(predicted_xyxy, target_xyxy)


def wrapped(box: BoxLoss, loss: Mapping[str, Any]) -> BoxLoss:
    """A box loss with what `loss.inner`, `loss.focaler` and `loss.wise` ask for. ConfigError where a value is none."""
    inner, focaler, wise = (loss.get(key) for key in KEYS)
    if inner is not None:
        box = InnerLoss(box, _number("inner", inner))
    if focaler is not None:
        if not isinstance(focaler, Sequence) or isinstance(focaler, str) or len(focaler) != 2:
            raise ConfigError(f"loss.focaler={focaler}: expected two overlaps, as in [0, 0.95]")
        box = FocalerLoss(box, *(_number("focaler", value) for value in focaler))
    return box if wise is None else WiseLoss(box, str(wise))


def _number(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"loss.{key}={value}: expected a number")
    return float(value)
