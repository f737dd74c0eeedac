"""The contract of a box loss, and those that are one minus an overlap."""

from __future__ import annotations

from torch import Tensor, nn

from yololab.ops.overlap import ciou, diou, giou, iou


class BoxLoss(nn.Module):
    """Compares predicted with target boxes, pair by pair; finite, with finite gradients, for every pair."""

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        raise NotImplementedError


class IoULoss(BoxLoss):
    """1 - IoU^power; YOLOX uses power 2."""

    def __init__(self, power: float = 1.0) -> None:
        super().__init__()
        self.power = power

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,) in [0, 1]."""
        return 1 - iou(predicted_xyxy, target_xyxy).pow(self.power)


class GIoULoss(BoxLoss):
    """1 - GIoU (arXiv:1902.09630)."""

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,) in [0, 2]."""
        return 1 - giou(predicted_xyxy, target_xyxy)


class DIoULoss(BoxLoss):
    """1 - DIoU (arXiv:1911.08287, eq. 7)."""

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,) in [0, 2]."""
        return 1 - diou(predicted_xyxy, target_xyxy)


class CIoULoss(BoxLoss):
    """1 - CIoU (arXiv:1911.08287, eq. 10)."""

    def forward(self, predicted_xyxy: Tensor, target_xyxy: Tensor) -> Tensor:
        """Boxes (n, 4) and (n, 4) in one frame -> loss (n,)."""
        return 1 - ciou(predicted_xyxy, target_xyxy)
