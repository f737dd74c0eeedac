"""iRMB: the inverted residual of EMO with attention inside windows (arXiv:2301.01146, sec. 3.2, eq. 3 and 4)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from yololab.attention.base import Attention
from yololab.blocks.conv import Conv, batch_norm


class IRMB(Attention):
    """x + conv1x1(v + dw3x3(v)), v = softmax(q k / sqrt(d)) V over `window` x `window` pixels.

    q and k are 1x1 convolutions of bn(x), V is an activated one, `ratio` times as wide.
    """

    def __init__(self, in_channels: int, *, window: int = 7, num_heads: int = 4, ratio: float = 2.0) -> None:
        super().__init__()
        hidden = int(in_channels * ratio)
        if in_channels % num_heads or hidden % num_heads:
            raise ValueError(f"num_heads={num_heads} must divide the channels, {in_channels} and {hidden}")
        if window < 1:
            raise ValueError(f"window must be at least 1, got {window}")
        self.window, self.num_heads = window, num_heads
        self.norm = batch_norm(in_channels)
        self.query_key = nn.Conv2d(in_channels, 2 * in_channels, 1)
        self.value = nn.Sequential(nn.Conv2d(in_channels, hidden, 1, bias=False), nn.GELU())
        self.near = Conv(hidden, channels=hidden, kernel_size=3, groups=hidden)
        self.narrow = nn.Conv2d(hidden, in_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W); the last windows of a row and column are filled with zeros."""
        height, width = x.shape[-2:]
        beyond = (0, -width % self.window, 0, -height % self.window)
        placed = F.pad(self.norm(x), beyond)
        query, key = (self._windows(half) for half in self.query_key(placed).chunk(2, dim=1))
        mixed = F.scaled_dot_product_attention(query, key, self._windows(self.value(placed)))
        value = self._joined(mixed, *placed.shape[-2:])[..., :height, :width]
        return x + self.narrow(value + self.near(value))

    def _windows(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B * windows, heads, pixels of a window, C / heads)."""
        batch, channels, height, width = x.shape
        rows, columns, side = height // self.window, width // self.window, self.window
        parts = x.view(batch, self.num_heads, channels // self.num_heads, rows, side, columns, side)
        ordered = parts.permute(0, 3, 5, 1, 4, 6, 2)
        return ordered.reshape(batch * rows * columns, self.num_heads, side * side, channels // self.num_heads)

    def _joined(self, x: Tensor, height: int, width: int) -> Tensor:
        """(B * windows, heads, pixels of a window, C / heads) -> (B, C, height, width)."""
        rows, columns, side, each = height // self.window, width // self.window, self.window, x.shape[-1]
        parts = x.view(-1, rows, columns, self.num_heads, side, side, each).permute(0, 3, 6, 1, 4, 2, 5)
        return parts.reshape(-1, self.num_heads * each, height, width)
