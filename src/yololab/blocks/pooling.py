"""Average pooling written as `mean`: unlike adaptive pooling, its backward is deterministic on every device."""

from __future__ import annotations

from torch import Tensor, nn


class AveragePool(nn.Module):
    """Mean over the given axes, kept as axes of length 1. A module, so that operation counters see it."""

    def __init__(self, axes: tuple[int, ...] = (2, 3)) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, 1, 1) for the default axes."""
        return x.mean(dim=self.axes, keepdim=True)
