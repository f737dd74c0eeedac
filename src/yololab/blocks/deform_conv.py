"""C2fDeform: C2f whose second 3x3 convolution samples where it wants to (Deformable ConvNets v2, arXiv:1811.11168)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.activation import make_activation
from yololab.blocks.base import Block
from yololab.blocks.conv import Conv, batch_norm
from yololab.blocks.cross_stage import SplitStage
from yololab.ops.precision import full_precision

TAPS = 9
"""Of a 3x3 kernel; each has a row offset, a column offset, in pixels, and a weight in [0, 1]"""


_is_exporting = getattr(torch.compiler, "is_exporting", torch.compiler.is_compiling)
"""torch 2.6 cannot tell the two apart"""


class DeformConv(Block):
    """act(bn(sum over taps of w_k m_k x(p + p_k + d_k))): eq. 1.

    Offsets d and modulation m come from a 3x3 convolution that begins at 0: the taps begin where those of a 3x3 are, at
    half of their weight.
    """

    is_unordered_on_cuda = True

    def __init__(self, in_channels: int, *, channels: int, stride: int = 1, activation: str = "silu") -> None:
        super().__init__()
        self.stride = stride
        self.where = nn.Conv2d(in_channels, 3 * TAPS, 3, stride, 1)
        nn.init.zeros_(self.where.weight)
        nn.init.zeros_(self.where.bias)  # type: ignore[arg-type]
        self.conv = nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)
        self.bn = batch_norm(channels)
        self.act = make_activation(activation)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        said = self.where(x)
        offsets, weights = said[:, : 2 * TAPS], said[:, 2 * TAPS :].sigmoid()
        return self.act(self.bn(deformed(x, offsets, weights, self.conv.weight, self.stride)))


def deformed(x: Tensor, offsets: Tensor, weights: Tensor, kernel: Tensor, stride: int = 1) -> Tensor:
    """A 3x3 `kernel` (C', C, 3, 3), padding 1, on (B, C, H, W): (B, C', H / stride, W / stride).

    Offsets are (B, 18, H / stride, W / stride), a row and a column for each tap, in pixels; weights (B, 9, ...).
    """
    given = x.dtype  # places in pixels need more than 8 bits, and the operator knows no bfloat16
    with full_precision(x.device):
        x, offsets, weights, kernel = (tensor.float() for tensor in (x, offsets, weights, kernel))
        if _is_exporting() or torch.jit.is_tracing():
            return sampled(x, offsets, weights, kernel, stride).to(given)
        from torchvision.ops import deform_conv2d  # two seconds that a plan without it need not wait

        y = deform_conv2d(x, offsets, kernel, stride=(stride, stride), padding=(1, 1), mask=weights)
    return y.to(given)


def sampled(x: Tensor, offsets: Tensor, weights: Tensor, kernel: Tensor, stride: int) -> Tensor:
    """`deformed` from operators that every format for export has."""
    height, width = x.shape[-2:]
    rows_out, columns_out = offsets.shape[-2:]
    rows = torch.arange(rows_out, device=x.device, dtype=x.dtype)[:, None] * stride
    columns = torch.arange(columns_out, device=x.device, dtype=x.dtype)[None] * stride
    total = torch.zeros(())
    for tap in range(TAPS):
        row = rows + tap // 3 - 1 + offsets[:, 2 * tap]
        column = columns + tap % 3 - 1 + offsets[:, 2 * tap + 1]
        grid = torch.stack(((2 * column + 1) / width - 1, (2 * row + 1) / height - 1), dim=-1)
        found = F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
        y = F.conv2d(found * weights[:, tap : tap + 1], kernel[:, :, tap // 3, tap % 3, None, None])
        total = y if tap == 0 else total + y
    return total


class DeformBottleneck(nn.Module):
    """A 3x3 Conv and a DeformConv, with a residual where `shortcut` says so."""

    def __init__(self, channels: int, shortcut: bool) -> None:
        super().__init__()
        self.cv1 = Conv(channels, channels=channels, kernel_size=3)
        self.cv2 = DeformConv(channels, channels=channels)
        self.add = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        y = self.cv2(self.cv1(x))
        return x + y if self.add else y


class C2fDeform(SplitStage):
    """SplitStage over bottlenecks with a deformable convolution."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = False, expansion: float = 0.5
    ) -> None:
        def inner(width: int) -> DeformBottleneck:
            return DeformBottleneck(width, shortcut)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
