"""Other ways to change the size of a map: CARAFE and DySample upwards, SPDConv downwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.base import Block, single
from yololab.blocks.conv import Conv, batch_norm
from yololab.graph.node import FeatureSpec


def _upwards(inputs: Sequence[FeatureSpec], factor: int) -> FeatureSpec:
    source = single(inputs)
    if source.stride % factor:
        raise ValueError(f"expected an input stride divisible by {factor}, got {source.stride}")
    return FeatureSpec(source.channels, source.stride // factor)


class CARAFE(Block):
    """Each new pixel is a weighted sum of the `reach` x `reach` old ones around it; the weights are predicted
    (arXiv:1905.02188, eq. 2-4). With `norm` the two convolutions have batch norm, a common unofficial form.
    """

    def __init__(
        self, in_channels: int, *, hidden: int = 64, encoder: int = 3, reach: int = 5, factor: int = 2,
        norm: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.reach, self.factor = reach, factor
        weights = factor * factor * reach * reach
        self.comp: nn.Module
        self.enc: nn.Module
        if norm:
            self.comp = Conv(in_channels, channels=hidden, activation="relu")
            self.enc = Conv(hidden, channels=weights, kernel_size=encoder, activation="identity")
        else:
            self.comp = nn.Conv2d(in_channels, hidden, 1)
            self.enc = nn.Conv2d(hidden, weights, encoder, padding=encoder // 2)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """Same channels, stride divided by the factor."""
        return _upwards(inputs, args.get("factor", 2))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, factor H, factor W)."""
        batch, channels, height, width = x.shape
        weights = F.pixel_shuffle(self.enc(self.comp(x)), self.factor).softmax(dim=1)  # (B, reach^2, H', W')
        around = F.unfold(x, self.reach, padding=self.reach // 2)
        around = around.view(batch, channels * self.reach**2, height, width)
        around = F.interpolate(around, scale_factor=self.factor, mode="nearest")
        around = around.view(batch, channels, self.reach**2, *around.shape[2:])
        return (around * weights.unsqueeze(1)).sum(dim=2)


class DySample(Block):
    """Bilinear sampling at predicted places (arXiv:2308.15085, eq. 3-6).

    `style` lp predicts before the shuffle to the new size, pl after it; `scope` learns how far places may move.
    """

    init_pos: Tensor

    is_unordered_on_cuda = True

    def __init__(
        self, in_channels: int, *, factor: int = 2, style: str = "lp", groups: int = 4, scope: bool = False
    ) -> None:
        super().__init__()
        if style not in ("lp", "pl"):
            raise ValueError(f"style={style}: expected lp or pl")
        if in_channels % groups or (style == "pl" and in_channels % factor**2):
            raise ValueError(f"{in_channels} channels do not go with groups={groups}, factor={factor}, style={style}")
        self.factor, self.groups, self.style = factor, groups, style
        read = in_channels if style == "lp" else in_channels // factor**2
        places = 2 * groups * (factor**2 if style == "lp" else 1)
        self.offset = nn.Conv2d(read, places, 1)
        self.scope = nn.Conv2d(read, places, 1, bias=False) if scope else None
        nn.init.normal_(self.offset.weight, std=0.001)
        nn.init.zeros_(self.offset.bias)  # type: ignore[arg-type]
        if self.scope is not None:
            nn.init.zeros_(self.scope.weight)
        steps = (torch.arange(factor) - (factor - 1) / 2) / factor
        rows, columns = torch.meshgrid(steps, steps, indexing="ij")
        start = torch.stack((columns, rows)).reshape(2, 1, -1).repeat(1, groups, 1)  # x, y of every new pixel
        self.register_buffer("init_pos", start.reshape(1, -1, 1, 1))

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """Same channels, stride divided by the factor."""
        return _upwards(inputs, args.get("factor", 2))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, factor H, factor W)."""
        read = x if self.style == "lp" else F.pixel_shuffle(x, self.factor)
        moved = self.offset(read)
        reach = 0.25
        if self.scope is not None:
            moved, reach = moved * self.scope(read).sigmoid(), 0.5
        if self.style == "pl":
            moved = F.pixel_unshuffle(moved, self.factor)
        return self._sampled(x, moved * reach + self.init_pos)

    def _sampled(self, x: Tensor, moved: Tensor) -> Tensor:
        """`moved`: (B, 2 * groups * factor^2, H, W), x and y in pixels of `x`."""
        batch, channels, height, width = x.shape
        moved = moved.view(batch, 2, -1, height, width)
        columns = torch.arange(width, dtype=x.dtype, device=x.device) + 0.5
        rows = torch.arange(height, dtype=x.dtype, device=x.device) + 0.5
        grid = torch.stack((columns.expand(height, width), rows.unsqueeze(1).expand(height, width))).view(
            1, 2, 1, height, width
        )
        size = x.new_tensor([width, height]).view(1, 2, 1, 1, 1)
        places = 2 * (grid + moved) / size - 1
        places = F.pixel_shuffle(places.reshape(batch, -1, height, width), self.factor)
        tall, wide = places.shape[2:]
        places = places.view(batch, 2, self.groups, tall, wide).permute(0, 2, 3, 4, 1).flatten(0, 1)
        parts = x.reshape(batch * self.groups, -1, height, width)
        found = F.grid_sample(parts, places, mode="bilinear", align_corners=False, padding_mode="border")
        return found.view(batch, channels, tall, wide)


class SPDConv(Block):
    """Space to depth, then a Conv at stride 1: nothing is skipped (arXiv:2208.03641). Sizes must be even."""

    def __init__(self, in_channels: int, *, channels: int, kernel_size: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4 * in_channels, channels, kernel_size, padding=kernel_size // 2, bias=False)
        self.bn = batch_norm(channels)
        self.act = nn.SiLU(inplace=True)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """`channels` at twice the stride."""
        return FeatureSpec(args["channels"], single(inputs).stride * 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / 2, W / 2)."""
        parts = [x[..., row::2, column::2] for column in (0, 1) for row in (0, 1)]
        return self.act(self.bn(self.conv(torch.cat(parts, dim=1))))
