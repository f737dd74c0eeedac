"""ParNet attention: parallel 1x1, 3x3 and gated paths, added (after ParNet's block, arXiv:2110.07641, fig. 2)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from yololab.attention.base import Attention
from yololab.blocks.conv import batch_norm
from yololab.blocks.pooling import AveragePool


class ParNetAttention(Attention):
    """SiLU(bn(conv1x1(x)) + bn(conv3x3(x)) + x * sigmoid(conv(mean x))): the stand-alone form of module collections."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.sse = nn.Sequential(AveragePool(), nn.Conv2d(in_channels, in_channels, 1), nn.Sigmoid())
        self.conv1x1 = nn.Sequential(nn.Conv2d(in_channels, in_channels, 1), batch_norm(in_channels))
        self.conv3x3 = nn.Sequential(nn.Conv2d(in_channels, in_channels, 3, padding=1), batch_norm(in_channels))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return F.silu(self.conv1x1(x) + self.conv3x3(x) + x * self.sse(x))
