"""Context anchors: a gate from averages and long strips (PKINet, arXiv:2403.06258, eq. 5-7)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.conv import Conv

WINDOW = 7


class ContextAnchor(nn.Module):
    """x * sigmoid(conv1x1(dw(h x 1)(dw(1 x w)(conv1x1(mean over 7 x 7))))); the strips are `length` long.

    With `plain`, as inside PKI blocks, both 1x1 are convolutions alone. Else each has a norm and SiLU behind it, as the
    module is used by itself: its gate then closes to no less than sigmoid(-0.28) = 0.43.
    """

    def __init__(self, in_channels: int, *, length: int = 11, plain: bool = False) -> None:
        super().__init__()
        if length % 2 == 0:
            raise ValueError(f"attention.length must be odd, got {length}")
        pad = length // 2

        def point() -> nn.Module:
            return nn.Conv2d(in_channels, in_channels, 1) if plain else Conv(in_channels, channels=in_channels)

        self.conv1 = point()
        self.h_conv = nn.Conv2d(in_channels, in_channels, (1, length), padding=(0, pad), groups=in_channels)
        self.v_conv = nn.Conv2d(in_channels, in_channels, (length, 1), padding=(pad, 0), groups=in_channels)
        self.conv2 = point()

    def gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W) in (0, 1)."""
        context = F.avg_pool2d(x, WINDOW, stride=1, padding=WINDOW // 2)
        return self.conv2(self.v_conv(self.h_conv(self.conv1(context)))).sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return x * self.gate(x)
