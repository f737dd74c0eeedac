"""ELA: rows and columns gated by one 1-D convolution over their means (arXiv:2403.01123, eq. 5-8).

`ELA` is the paper's: one depth-wise convolution and one group norm serve both axes. `PointwiseELA` is a port that many
repositories carry instead, with a dense convolution of kernel 1.
"""

from __future__ import annotations

from torch import Tensor, nn

from yololab.attention.base import Attention


def gated_by_axes(x: Tensor, gate: nn.Module) -> Tensor:
    """x times the sigmoid of `gate` over its row means and over its column means, (B, C, H, W)."""
    rows = gate(x.mean(dim=3)).sigmoid().unsqueeze(3)  # (B, C, H, 1)
    columns = gate(x.mean(dim=2)).sigmoid().unsqueeze(2)  # (B, C, 1, W)
    return x * rows * columns


class ELA(Attention):
    """The paper's; `groups` of the convolution are the channels unless given."""

    def __init__(
        self, in_channels: int, *, kernel_size: int = 7, num_groups: int = 16, groups: int | None = None
    ) -> None:
        super().__init__()
        self.conv = nn.Conv1d(
            in_channels, in_channels, kernel_size, padding=kernel_size // 2, groups=groups or in_channels, bias=False
        )
        self.gn = nn.GroupNorm(num_groups, in_channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return gated_by_axes(x, nn.Sequential(self.conv, self.gn))


class PointwiseELA(Attention):
    """The port with a dense kernel of 1 and bias."""

    def __init__(self, in_channels: int, *, num_groups: int = 16) -> None:
        super().__init__()
        self.conv1x1 = nn.Sequential(nn.Conv1d(in_channels, in_channels, 1), nn.GroupNorm(num_groups, in_channels))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return gated_by_axes(x, self.conv1x1)
