"""C2fDBB: C2f whose second 3x3 is a Diverse Branch Block, one 3x3 once deployed (arXiv:2103.13425).

Branches: kxk; 1x1; 1x1 then kxk; 1x1 then average. All end in batch norm. What a 1x1 and its batch norm make of zeros
is what the next layer's border must hold, so that the border of the deployed form is right (the paper's BNAndPad).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.activation import make_activation
from yololab.blocks.base import Block, Deployable
from yololab.blocks.conv import Conv, FusedConv, batch_norm, conv_from_kernel, folded_kernel, widened
from yololab.blocks.cross_stage import SplitStage


class _PointThen(nn.Module):
    """A 1x1 with batch norm, its border padded by what it makes of zeros; then a convolution or average, batch norm."""

    def __init__(self, in_channels: int, hidden: int, channels: int, kernel_size: int, averages: bool) -> None:
        super().__init__()
        self.point = nn.Conv2d(in_channels, hidden, 1, bias=False)
        self.point_bn = batch_norm(hidden)
        self.conv = None if averages else nn.Conv2d(hidden, channels, kernel_size, bias=False)
        self.bn = batch_norm(channels)
        self.size = kernel_size

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        y, pad = self.point_bn(self.point(x)), self.size // 2
        border = self._of_zeros().view(1, -1, 1, 1)
        y = F.pad(y - border, (pad,) * 4) + border
        return self.bn(F.avg_pool2d(y, self.size, 1) if self.conv is None else self.conv(y))

    def _of_zeros(self) -> Tensor:
        bn = self.point_bn
        assert bn.running_mean is not None
        assert bn.running_var is not None
        return (bn.bias - bn.running_mean * bn.weight / torch.sqrt(bn.running_var + bn.eps)).detach()

    def folded(self) -> tuple[Tensor, Tensor]:
        """Kernel (channels, in_channels, k, k) and bias of the one convolution that is equal in eval mode."""
        point, point_bias = folded_kernel(self.point, self.point_bn)
        second = self.conv or _averaging(self.bn.num_features, self.size, point)
        kernel, bias = folded_kernel(second, self.bn)
        merged = torch.einsum("omhw,mi->oihw", kernel, point[:, :, 0, 0])
        return merged, bias + torch.einsum("omhw,m->o", kernel, point_bias)


class DiverseBranch(Block, Deployable):
    """act of the sum of the four branches; `kernel_size` is odd, the stride 1."""

    def __init__(self, in_channels: int, *, channels: int, kernel_size: int = 3, activation: str = "silu") -> None:
        super().__init__()
        same = {"channels": channels, "activation": "identity"}
        self.dense = Conv(in_channels, kernel_size=kernel_size, **same)
        self.point = Conv(in_channels, **same)
        self.point_dense = _PointThen(in_channels, in_channels, channels, kernel_size, averages=False)
        self.point_average = _PointThen(in_channels, channels, channels, kernel_size, averages=True)
        self.act = make_activation(activation)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        return self.act(self.dense(x) + self.point(x) + self.point_dense(x) + self.point_average(x))

    def deployed(self) -> FusedConv:
        """All branches as kernels of one size, added up."""
        kernel, bias = folded_kernel(self.dense.conv, self.dense.bn)
        point, point_bias = folded_kernel(self.point.conv, self.point.bn)
        kernel, bias = kernel + widened(point, kernel.shape[-1]), bias + point_bias
        for branch in (self.point_dense, self.point_average):
            own, own_bias = branch.folded()
            kernel, bias = kernel + own, bias + own_bias
        return FusedConv(conv_from_kernel(self.dense.conv, kernel, bias), self.act)


def _averaging(channels: int, size: int, like: Tensor) -> nn.Conv2d:
    """The convolution that averages every channel over size x size pixels."""
    conv = nn.Conv2d(channels, channels, size, bias=False, device=like.device, dtype=like.dtype)
    eye = torch.eye(channels, device=like.device, dtype=like.dtype)
    conv.weight = nn.Parameter(eye[:, :, None, None].expand(-1, -1, size, size) / size**2)
    return conv


class _DiverseBottleneck(nn.Module):
    """A 3x3 Conv and a DiverseBranch, with a residual where `shortcut`."""

    def __init__(self, channels: int, shortcut: bool) -> None:
        super().__init__()
        self.cv1 = Conv(channels, channels=channels, kernel_size=3)
        self.cv2 = DiverseBranch(channels, channels=channels)
        self.add = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        y = self.cv2(self.cv1(x))
        return x + y if self.add else y


class C2fDBB(SplitStage):
    """SplitStage over bottlenecks that end in a DiverseBranch."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = False, expansion: float = 0.5
    ) -> None:
        def inner(width: int) -> nn.Module:
            return _DiverseBottleneck(width, shortcut)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
