"""MHSA: multi-head self-attention over the pixels of a feature, with a residual (arXiv:1706.03762, eq. 1).

Positions are told by a depthwise 3x3 convolution (conditional positional encoding, arXiv:2102.10882), so that any
input size works. Costs grow with the square of the number of pixels: meant for strides of 16 and 32.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from yololab.attention.base import Attention


class MHSA(Attention):
    """x + W_o attention(W_qkv (x + position(x))), `num_heads` heads of in_channels / num_heads channels."""

    def __init__(self, in_channels: int, *, num_heads: int = 4) -> None:
        super().__init__()
        if in_channels % num_heads:
            raise ValueError(f"num_heads={num_heads} must divide the channels, {in_channels}")
        self.num_heads = num_heads
        self.position = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels)
        self.norm = nn.GroupNorm(1, in_channels)
        self.qkv = nn.Conv2d(in_channels, 3 * in_channels, 1, bias=False)
        self.project = nn.Conv2d(in_channels, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        batch, channels, height, width = x.shape
        placed = self.norm(x + self.position(x))
        heads = self.qkv(placed).view(batch, 3, self.num_heads, channels // self.num_heads, height * width)
        query, key, value = heads.transpose(3, 4).unbind(dim=1)  # (B, heads, H*W, C/heads)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return x + self.project(mixed.transpose(2, 3).reshape(batch, channels, height, width))
