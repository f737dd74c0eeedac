"""YOLOv10's compact blocks: SCDown, CIB and C2fCIB (arXiv:2405.14458, sec. 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from yololab.blocks.base import Block, Deployable, single
from yololab.blocks.conv import Conv, FusedConv
from yololab.blocks.cross_stage import SplitStage
from yololab.blocks.rep_conv import merged
from yololab.graph.node import FeatureSpec


class SCDown(Block):
    """Channels by a 1x1, then size by a depth-wise convolution without activation."""

    def __init__(self, in_channels: int, *, channels: int, kernel_size: int = 3, stride: int = 2) -> None:
        super().__init__()
        self.cv1 = Conv(in_channels, channels=channels)
        self.cv2 = Conv(
            channels, channels=channels, kernel_size=kernel_size, stride=stride, groups=channels, activation="identity"
        )

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` at twice the stride unless another is given."""
        return FeatureSpec(args["channels"], single(inputs).stride * args.get("stride", 2))

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        return self.cv2(self.cv1(x))


class RepVGGDW(Block, Deployable):
    """SiLU(depth-wise 7x7 + depth-wise 3x3): one depth-wise 7x7 once deployed."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Conv(channels, channels=channels, kernel_size=7, groups=channels, activation="identity")
        self.conv1 = Conv(channels, channels=channels, kernel_size=3, groups=channels, activation="identity")
        self.act = nn.SiLU(inplace=True)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The spec of the input."""
        return single(inputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return self.act(self.conv(x) + self.conv1(x))

    def deployed(self) -> FusedConv:
        """The 3x3 kernel, padded to 7x7, added to the 7x7 one."""
        return merged(self.conv, self.conv1, self.act)


class CIB(Block):
    """Depth-wise 3x3, 1x1, depth-wise 3x3 (RepVGGDW where `large_kernel`), 1x1, depth-wise 3x3, and a residual."""

    def __init__(
        self, in_channels: int, *, channels: int, shortcut: bool = True, expansion: float = 0.5,
        large_kernel: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        hidden = 2 * int(channels * expansion)

        def depthwise(width: int) -> Conv:
            return Conv(width, channels=width, kernel_size=3, groups=width)

        self.cv1 = nn.Sequential(
            depthwise(in_channels),
            Conv(in_channels, channels=hidden),
            RepVGGDW(hidden) if large_kernel else depthwise(hidden),
            Conv(hidden, channels=channels),
            depthwise(channels),
        )
        self.add = shortcut and in_channels == channels

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        y = self.cv1(x)
        return x + y if self.add else y


class C2fCIB(SplitStage):
    """C2f over CIBs."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = False,
        large_kernel: bool = False, expansion: float = 0.5,
    ) -> None:  # fmt: skip
        def inner(width: int) -> CIB:
            return CIB(width, channels=width, shortcut=shortcut, expansion=1.0, large_kernel=large_kernel)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
