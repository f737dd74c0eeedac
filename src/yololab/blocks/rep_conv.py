"""RepConv: parallel 3x3 and 1x1 convolutions, one 3x3 once deployed (RepVGG, arXiv:2101.03697, sec. 3.3; no identity).

YOLOv9 builds its stages from this two-branch form.
"""

from __future__ import annotations

from torch import Tensor, nn

from yololab.blocks.activation import make_activation
from yololab.blocks.base import Block, Deployable
from yololab.blocks.conv import Conv, FusedConv, conv_from_kernel, folded_kernel, widened


class RepConv(Block, Deployable):
    """act(bn(conv3x3(x)) + bn(conv1x1(x)))."""

    def __init__(
        self, in_channels: int, *, channels: int, stride: int = 1, groups: int = 1, activation: str = "silu"
    ) -> None:
        super().__init__()
        shared = {"channels": channels, "stride": stride, "groups": groups, "activation": "identity"}
        self.conv1 = Conv(in_channels, kernel_size=3, **shared)
        self.conv2 = Conv(in_channels, kernel_size=1, **shared)
        self.act = make_activation(activation)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        return self.act(self.conv1(x) + self.conv2(x))

    def deployed(self) -> FusedConv:
        """The 1x1 kernel, padded to 3x3, added to the 3x3 one."""
        return merged(self.conv1, self.conv2, self.act)


def merged(wide: Conv, narrow: Conv, act: nn.Module) -> FusedConv:
    """act(wide(x) + narrow(x)) as one convolution of the wider kernel; both are Convs without activation."""
    kernel, bias = folded_kernel(wide.conv, wide.bn)
    near_kernel, near_bias = folded_kernel(narrow.conv, narrow.bn)
    near_kernel = widened(near_kernel, kernel.shape[-1])
    return FusedConv(conv_from_kernel(wide.conv, kernel + near_kernel, bias + near_bias), act)
