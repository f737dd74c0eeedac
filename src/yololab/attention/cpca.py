"""CPCA: channel attention, then a spatial weight for each channel by strips of several lengths (arXiv:2306.05196)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from yololab.attention.base import Attention

LENGTHS = (7, 11, 21)


class PooledMLP(nn.Module):
    """x * (sigmoid(MLP(mean)) + sigmoid(MLP(max)))."""

    def __init__(self, in_channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(1, in_channels // reduction)
        self.fc1 = nn.Conv2d(in_channels, hidden, 1)
        self.fc2 = nn.Conv2d(hidden, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        pooled = (x.mean(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True))
        first, second = (self.fc2(F.relu(self.fc1(one))).sigmoid() for one in pooled)
        return x * (first + second)


class CPCA(Attention):
    """One 1x1 convolution stands before the activation, makes the weights and ends the block, as published."""

    def __init__(self, in_channels: int, *, reduction: int = 4) -> None:
        super().__init__()
        self.ca = PooledMLP(in_channels, reduction)
        self.dconv5_5 = self._strip(in_channels, 5, 5)
        for length in LENGTHS:
            setattr(self, f"dconv1_{length}", self._strip(in_channels, 1, length))
            setattr(self, f"dconv{length}_1", self._strip(in_channels, length, 1))
        self.conv = nn.Conv2d(in_channels, in_channels, 1)

    @staticmethod
    def _strip(channels: int, height: int, width: int) -> nn.Conv2d:
        return nn.Conv2d(channels, channels, (height, width), padding=(height // 2, width // 2), groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        x = self.ca(F.gelu(self.conv(x)))
        near = self.dconv5_5(x)
        strips = [getattr(self, f"dconv{n}_1")(getattr(self, f"dconv1_{n}")(near)) for n in LENGTHS]
        return self.conv(self.conv(sum(strips, near)) * x)
