"""MPDIoU: IoU and the distances of two corners, relative to the image (arXiv:2307.07662, eq. 3-6)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from yololab.errors import ConfigError
from yololab.losses.box import BoxLoss
from yololab.ops.overlap import iou


class MPDIoULoss(BoxLoss):
    """1 - IoU + (d1^2 + d2^2) / (W^2 + H^2), d1 and d2 the distances of the upper left and the lower right corners.

    `image_size`: the side of a square network input in pixels, or (height, width).
    """

    def __init__(self, image_size: int | Sequence[int] = 640) -> None:
        super().__init__()
        sides = [image_size, image_size] if isinstance(image_size, int) else list(image_size)
        if len(sides) != 2 or min(sides) <= 0:
            raise ConfigError(f"loss.box.image_size={image_size}: expected a side in pixels, or height and width")
        self.diagonal = float(sum(side * side for side in sides))

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in pixels of the network input -> loss (n,)."""
        corners = (predicted_xyxy.float() - target_xyxy.float()).square().sum(-1)
        return 1 - iou(predicted_xyxy, target_xyxy) + corners / self.diagonal
