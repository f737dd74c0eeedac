"""RepVGG blocks: 3x3 + 1x1 + identity while training, one 3x3 once deployed (arXiv:2101.03697, sec. 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.activation import make_activation
from yololab.blocks.base import Block, Deployable
from yololab.blocks.conv import FusedConv, batch_norm, conv_from_kernel, folded_kernel, widened


class ConvNorm(nn.Module):
    """Conv2d without bias + BatchNorm2d."""

    def __init__(self, in_channels: int, channels: int, kernel_size: int, stride: int, groups: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, kernel_size, stride, kernel_size // 2, groups=groups, bias=False)
        self.bn = batch_norm(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', H', W')."""
        return self.bn(self.conv(x))


class RepVGG(Block, Deployable):
    """act(bn(conv3x3(x)) + bn(conv1x1(x)) + bn(x)); the identity where stride is 1 and the widths agree."""

    def __init__(
        self, in_channels: int, *, channels: int, stride: int = 1, groups: int = 1, activation: str = "relu"
    ) -> None:
        super().__init__()
        keeps_shape = channels == in_channels and stride == 1
        self.act = make_activation(activation)
        self.rbr_identity = batch_norm(in_channels) if keeps_shape else None
        self.rbr_dense = ConvNorm(in_channels, channels, 3, stride, groups)
        self.rbr_1x1 = ConvNorm(in_channels, channels, 1, stride, groups)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        y = self.rbr_dense(x) + self.rbr_1x1(x)
        return self.act(y if self.rbr_identity is None else y + self.rbr_identity(x))

    def deployed(self) -> FusedConv:
        """All branches as 3x3 kernels, added up."""
        dense = self.rbr_dense.conv
        kernel, bias = folded_kernel(dense, self.rbr_dense.bn)
        point_kernel, point_bias = folded_kernel(self.rbr_1x1.conv, self.rbr_1x1.bn)
        kernel, bias = kernel + widened(point_kernel, 3), bias + point_bias
        if self.rbr_identity is not None:
            identity_kernel, identity_bias = folded_kernel(_identity_conv(dense), self.rbr_identity)
            kernel, bias = kernel + widened(identity_kernel, 3), bias + identity_bias
        return FusedConv(conv_from_kernel(dense, kernel, bias), self.act)


def _identity_conv(like: nn.Conv2d) -> nn.Conv2d:
    """The 1x1 convolution, grouped as `like`, that returns its input."""
    weight = like.weight
    conv = nn.Conv2d(
        like.in_channels, like.out_channels, 1, groups=like.groups, bias=False, device=weight.device, dtype=weight.dtype
    )
    per_group = like.in_channels // like.groups
    eye = torch.eye(per_group, device=weight.device, dtype=weight.dtype)
    conv.weight = nn.Parameter(eye.repeat(like.groups, 1)[:, :, None, None])
    return conv


class RepBlock(Block):
    """A row of `repeats` RepVGG blocks, the first of which changes the width: YOLOv6's stage."""

    def __init__(self, in_channels: int, *, channels: int, repeats: int = 1) -> None:
        super().__init__()
        self.conv1 = RepVGG(in_channels, channels=channels)
        rest = [RepVGG(channels, channels=channels) for _ in range(repeats - 1)]
        self.block = nn.Sequential(*rest) if rest else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        x = self.conv1(x)
        return x if self.block is None else self.block(x)
