"""C3: YOLOv5's cross-stage stage, three 1x1 convolutions around bottlenecks; C3x crosses the kernels of these."""

from __future__ import annotations

from yololab.blocks.bottleneck import Bottleneck
from yololab.blocks.cross_stage import BypassStage


class C3(BypassStage):
    """BypassStage over bottlenecks of a 1x1 and a 3x3 convolution, which `separable` splits (YOLOX-nano)."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        repeats: int = 1,
        shortcut: bool = True,
        expansion: float = 0.5,
        groups: int = 1,
        separable: bool = False,
    ) -> None:
        def inner(width: int) -> Bottleneck:
            kept = {"shortcut": shortcut, "groups": groups, "separable": separable}
            return Bottleneck(width, channels=width, kernel_sizes=(1, 3), expansion=1.0, **kept)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)


class C3x(BypassStage):
    """BypassStage over bottlenecks of a 1x3 and a 3x1 convolution."""

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, shortcut: bool = True, expansion: float = 0.5,
        groups: int = 1,
    ) -> None:  # fmt: skip
        def inner(width: int) -> Bottleneck:
            return Bottleneck(
                width, channels=width, shortcut=shortcut, kernel_sizes=((1, 3), (3, 1)), expansion=1.0, groups=groups
            )

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
