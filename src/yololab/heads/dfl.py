"""Distance decoding of Distribution Focal Loss (arXiv:2006.04388, sec. 3.2): a softmax over bins, its expectation."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class DFL(nn.Module):
    """Expectation over `num_bins` bins as a frozen 1x1 convolution, so that its 16 numbers are in the state dict."""

    def __init__(self, num_bins: int) -> None:
        super().__init__()
        self.num_bins = num_bins
        self.conv = nn.Conv2d(num_bins, 1, 1, bias=False).requires_grad_(False)
        self.conv.weight.data.copy_(torch.arange(num_bins, dtype=torch.float32).view(1, num_bins, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, 4 * bins, N), side after side -> distances (B, 4, N) in bins."""
        return self.expected(x.unflatten(1, (4, self.num_bins)).permute(0, 3, 1, 2)).transpose(1, 2)

    def expected(self, logits: Tensor) -> Tensor:
        """Logits (B, N, 4, bins) -> distances (B, N, 4) in bins."""
        probabilities = logits.softmax(dim=-1).permute(0, 3, 1, 2)  # (B, bins, N, 4), channels last: nothing is copied
        return self.conv(probabilities).squeeze(1)


def dfl_of(num_bins: int) -> DFL | None:
    """The projection of so many bins; None for a single one, which is the distance itself."""
    return DFL(num_bins) if num_bins > 1 else None
