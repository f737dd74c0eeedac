"""C3k and C3k2: YOLO11's stages, C3 with k x k bottlenecks, and C2f over bottlenecks, C3k or attention."""

from __future__ import annotations

from torch import nn

from yololab.blocks.bottleneck import Bottleneck
from yololab.blocks.cross_stage import BypassStage, SplitStage
from yololab.blocks.psa import PSABlock, heads_of


class C3k(BypassStage):
    """BypassStage over bottlenecks of two `kernel_size` convolutions."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = True, groups: int = 1,
        expansion: float = 0.5, kernel_size: int = 3,
    ) -> None:  # fmt: skip
        def inner(width: int) -> Bottleneck:
            return Bottleneck(
                width, channels=width, shortcut=shortcut, kernel_sizes=(kernel_size, kernel_size), expansion=1.0,
                groups=groups,
            )  # fmt: skip

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)


class C3k2(SplitStage):
    """SplitStage over bottlenecks that halve their width; over C3k of two where `c3k` is set, over a bottleneck and
    self-attention where `attention` is.
    """

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, c3k: bool = False, expansion: float = 0.5,
        attention: bool = False, groups: int = 1, shortcut: bool = True,
    ) -> None:  # fmt: skip
        def inner(width: int) -> nn.Module:
            bottleneck = Bottleneck(width, channels=width, shortcut=shortcut, groups=groups)
            if attention:
                return nn.Sequential(bottleneck, PSABlock(width, num_heads=heads_of(width)))
            if c3k:
                return C3k(width, channels=width, repeats=2, shortcut=shortcut, groups=groups)
            return bottleneck

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
