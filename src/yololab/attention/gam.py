"""GAM: global attention, a per-pixel channel MLP and two 7x7 convolutions (arXiv:2112.05561).

`GAM` is the tutorials' version: the channel branch multiplies by the raw MLP output (no sigmoid) and both 7x7
convolutions are dense, with replicate padding. `PaperGAM` is the paper's: a sigmoid on the channel branch (eq. 1 and
fig. 2) and, as in its ResNet50 (sec. 3), grouped 7x7 convolutions with a channel shuffle between them.
"""

from __future__ import annotations

from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.blocks.conv import batch_norm


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    """Interleave the channels of `groups` groups: (B, C, H, W) -> (B, C, H, W)."""
    batch, channels, height, width = x.shape
    grouped = x.view(batch, groups, channels // groups, height, width)
    return grouped.transpose(1, 2).reshape(batch, channels, height, width)


class GlobalAttention(Attention):
    """The layers that both versions share, and their order; a version says what its gates are."""

    def __init__(self, in_channels: int, *, rate: int, groups: int) -> None:
        super().__init__()
        hidden = max(1, in_channels // rate)
        if in_channels % groups or hidden % groups:
            raise ValueError(
                f"groups={groups} must divide the channels ({in_channels}) and the channels / rate ({hidden})"
            )
        self.linear1 = nn.Linear(in_channels, hidden)
        self.relu = nn.ReLU(inplace=True)
        self.linear2 = nn.Linear(hidden, in_channels)
        self.conv1 = _conv7x7(in_channels, hidden, groups)
        self.conv2 = _conv7x7(hidden, in_channels, groups)
        self.norm1 = batch_norm(hidden)
        self.norm2 = batch_norm(in_channels)

    def channel_gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> gate (B, C, H, W)."""
        raise NotImplementedError

    def spatial_gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> gate (B, C, H, W)."""
        raise NotImplementedError

    def channel_logits(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> output of the per-pixel MLP (B, C, H, W), unbounded."""
        pixels = x.permute(0, 2, 3, 1)  # (B, H, W, C)
        return self.linear2(self.relu(self.linear1(pixels))).permute(0, 3, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        x = x * self.channel_gate(x)
        return x * self.spatial_gate(x)


class GAM(GlobalAttention):
    """The tutorials' GAM; `rate` divides the channels inside."""

    def __init__(self, in_channels: int, *, rate: int = 4) -> None:
        super().__init__(in_channels, rate=rate, groups=1)

    def channel_gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> gate (B, C, H, W), unbounded."""
        return self.channel_logits(x)

    def spatial_gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> gate (B, C, H, W) in (0, 1)."""
        return self.norm2(self.conv2(self.relu(self.norm1(self.conv1(x))))).sigmoid()


class PaperGAM(GlobalAttention):
    """The paper's GAM: sigmoid on the channel branch, grouped convolutions and channel shuffle."""

    def __init__(self, in_channels: int, *, rate: int = 4, groups: int = 4) -> None:
        super().__init__(in_channels, rate=rate, groups=groups)
        self.groups = groups

    def channel_gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> gate (B, C, H, W) in (0, 1)."""
        return self.channel_logits(x).sigmoid()

    def spatial_gate(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> gate (B, C, H, W) in (0, 1)."""
        hidden = channel_shuffle(self.relu(self.norm1(self.conv1(x))), self.groups)
        return self.norm2(self.conv2(hidden)).sigmoid()


def _conv7x7(in_channels: int, channels: int, groups: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, channels, 7, padding=3, padding_mode="replicate", groups=groups)
