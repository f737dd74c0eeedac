"""RFAConv: a convolution whose weights are gated anew at every place of its receptive field (arXiv:2304.03198)."""

from __future__ import annotations

from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.conv import batch_norm


class RFAConv(Block):
    """Every place is spread to `kernel_size`^2 features, gated by softmax, and read by a convolution of that stride."""

    def __init__(self, in_channels: int, *, channels: int, kernel_size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        taps, pad = in_channels * kernel_size**2, kernel_size // 2
        self.get_weight = nn.Sequential(
            nn.AvgPool2d(kernel_size, stride, pad), nn.Conv2d(in_channels, taps, 1, groups=in_channels, bias=False)
        )
        self.generate_feature = nn.Sequential(
            nn.Conv2d(in_channels, taps, kernel_size, stride, pad, groups=in_channels, bias=False),
            batch_norm(taps),
            nn.ReLU(inplace=True),
        )
        self.conv = nn.Sequential(
            nn.Conv2d(in_channels, channels, kernel_size, kernel_size), batch_norm(channels), nn.ReLU(inplace=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        features = self.generate_feature(x)
        batch, size = x.shape[0], self.kernel_size
        height, width = features.shape[2:]
        weights = self.get_weight(x).view(batch, -1, size * size, height, width).softmax(dim=2)
        gated = (features.view_as(weights) * weights).view(batch, -1, size, size, height, width)
        spread = gated.permute(0, 1, 4, 2, 5, 3).reshape(batch, -1, height * size, width * size)
        return self.conv(spread)
