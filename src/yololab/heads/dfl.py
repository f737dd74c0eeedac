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
        batch, _, points = x.shape
        probabilities = x.view(batch, 4, self.num_bins, points).transpose(1, 2).softmax(dim=1)  # (B, bins, 4, N)
        return self.conv(probabilities).view(batch, 4, points)
