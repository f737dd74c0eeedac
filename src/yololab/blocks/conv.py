"""Conv: convolution, batch norm, activation; one convolution with bias once deployed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.activation import make_activation
from yololab.blocks.base import BN_EPS, BN_MOMENTUM, Block, Deployable


def batch_norm(channels: int) -> nn.BatchNorm2d:
    """Batch norm with the eps and momentum that all YOLO references share."""
    return nn.BatchNorm2d(channels, eps=BN_EPS, momentum=BN_MOMENTUM)


Size = int | Sequence[int]
"""Of a square kernel, or height and width"""


def same_padding(kernel_size: int, dilation: int = 1) -> int:
    """Padding that keeps the size at stride 1 for an odd kernel."""
    return (dilation * (kernel_size - 1) + 1) // 2


def _pair(size: Size) -> tuple[int, int]:
    height, width = (size, size) if isinstance(size, int) else size
    return height, width


class Conv(Block, Deployable):
    """Conv2d + BatchNorm2d + activation; `padding` keeps the size at stride 1 unless given.

    `groups` null makes as many as widths allow: depth-wise where the block keeps its channels.
    """

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        kernel_size: Size = 1,
        stride: int = 1,
        padding: int | None = None,
        groups: int | None = 1,
        dilation: int = 1,
        bias: bool = False,
        activation: str = "silu",
    ) -> None:
        super().__init__()
        groups = math.gcd(in_channels, channels) if groups is None else groups
        kernel = _pair(kernel_size)
        pad = [same_padding(side, dilation) for side in kernel] if padding is None else padding
        self.conv = nn.Conv2d(in_channels, channels, kernel, stride, _pair(pad), dilation, groups, bias)
        self.bn = batch_norm(channels)
        self.act = make_activation(activation)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        return self.act(self.bn(self.conv(x)))

    def deployed(self) -> FusedConv:
        """Batch norm folded into the convolution."""
        return FusedConv(fold_batch_norm(self.conv, self.bn), self.act)


class FusedConv(nn.Module):
    """A convolution with bias and its activation: the deployed form of Conv and of re-parameterized blocks."""

    def __init__(self, conv: nn.Conv2d, act: nn.Module) -> None:
        super().__init__()
        self.conv = conv
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', H', W')."""
        return self.act(self.conv(x))


def folded_kernel(conv: nn.Conv2d, bn: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Kernel and bias of the one convolution equal to `bn(conv(x))` in eval mode."""
    assert bn.running_mean is not None
    assert bn.running_var is not None
    factor = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    bias = bn.bias - bn.running_mean * factor
    if conv.bias is not None:
        bias = bias + conv.bias * factor
    return conv.weight * factor.view(-1, 1, 1, 1), bias


def widened(kernel: Tensor, side: int) -> Tensor:
    """A kernel (O, I, k, k) in the middle of zeros, (O, I, side, side): the same convolution with a wider kernel."""
    return F.pad(kernel, ((side - kernel.shape[-1]) // 2,) * 4)


def conv_from_kernel(like: nn.Conv2d, kernel: Tensor, bias: Tensor, padding: int | None = None) -> nn.Conv2d:
    """A convolution with bias that takes stride, groups and dilation from `like`; its size from `kernel`."""
    conv = nn.Conv2d(
        like.in_channels,
        like.out_channels,
        _pair(kernel.shape[2:]),
        stride=like.stride,  # type: ignore[arg-type]
        padding=like.padding if padding is None else padding,  # type: ignore[arg-type]
        dilation=like.dilation,  # type: ignore[arg-type]
        groups=like.groups,
        device=kernel.device,
        dtype=kernel.dtype,
    )
    conv.weight = nn.Parameter(kernel.detach().clone())
    conv.bias = nn.Parameter(bias.detach().clone())
    return conv


def fold_batch_norm(conv: nn.Conv2d, bn: nn.BatchNorm2d) -> nn.Conv2d:
    """The convolution with bias equal to `bn(conv(x))` in eval mode."""
    kernel, bias = folded_kernel(conv, bn)
    return conv_from_kernel(conv, kernel, bias)
