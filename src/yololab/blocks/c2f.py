"""C2f: YOLOv8's stage, a cross-stage split whose every bottleneck output joins the result."""

from __future__ import annotations

from yololab.blocks.bottleneck import Bottleneck
from yololab.blocks.cross_stage import SplitStage


class C2f(SplitStage):
    """SplitStage over bottlenecks of two 3x3 convolutions."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        repeats: int = 1,
        shortcut: bool = False,
        expansion: float = 0.5,
        groups: int = 1,
    ) -> None:
        def inner(width: int) -> Bottleneck:
            return Bottleneck(width, channels=width, shortcut=shortcut, expansion=1.0, groups=groups)

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)
