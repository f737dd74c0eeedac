"""LSKA: a large kernel as rows and columns, plain and dilated, that multiplies its input (arXiv:2309.01439, eq. 5)."""

from __future__ import annotations

from torch import Tensor, nn

from yololab.attention.base import Attention

KERNELS = {7: (3, 3, 2), 11: (3, 5, 2), 23: (5, 7, 3), 35: (5, 11, 3), 41: (5, 13, 3), 53: (5, 17, 3)}
"""The kernel that is imitated -> first kernel, dilated kernel, its dilation"""


class LSKA(Attention):
    """x * conv1x1(dilated column(dilated row(column(row(x))))), all depth-wise with bias; no sigmoid."""

    def __init__(self, in_channels: int, *, kernel_size: int = 11) -> None:
        super().__init__()
        if kernel_size not in KERNELS:
            raise ValueError(f"kernel_size={kernel_size}: expected one of {', '.join(map(str, KERNELS))}")
        near, far, dilation = KERNELS[kernel_size]

        def depthwise(height: int, width: int, step: int) -> nn.Conv2d:
            pad = (step * (height // 2), step * (width // 2))
            return nn.Conv2d(in_channels, in_channels, (height, width), padding=pad, dilation=step, groups=in_channels)

        self.conv0h, self.conv0v = depthwise(1, near, 1), depthwise(near, 1, 1)
        self.conv_spatial_h, self.conv_spatial_v = depthwise(1, far, dilation), depthwise(far, 1, dilation)
        self.conv1 = nn.Conv2d(in_channels, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        wide = self.conv_spatial_v(self.conv_spatial_h(self.conv0v(self.conv0h(x))))
        return x * self.conv1(wide)
