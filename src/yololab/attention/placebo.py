"""Placebo: layers of an attention's parameters and GFLOPs in its place, added instead of multiplied.

A gain that the placebo shows too is capacity, not attention. Its parts, for x of C channels on A pixels:

    mix      y + bottleneck(y) / r, r times    2 C h parameters, 4 C h A r FLOPs    what costs per pixel
    trim     y + conv1x1(x[:n]), t times       n parameters, 2 n t A FLOPs          the rest of that, in fine steps
    context  y + MLP(mean(x))                  2 C w parameters, 4 C w FLOPs        parameters that cost no pixels
    bias     y + b                             fewer than 2 C parameters            the rest of those, exactly

Where an attention multiplies features with features (MHSA, EMA) it spends FLOPs without parameters; then r or t is
above 1. Costs are those on a feature of `side` x `side` pixels, which a graph sets to that of its node at the run's
image size. An attention that costs nothing has no placebo, and one whose cost cannot be met within CLOSE is refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yololab.attention.base import Attention
from yololab.attention.gated import make_attention
from yololab.blocks.pooling import AveragePool
from yololab.ops.flops import FlopCounter

MEASURED_SIDE = 20
"""Pixels a side where nobody says otherwise: stride 32 at 640."""
TRIED = 4
CLOSE = 0.1
"""Largest relative difference of parameters or FLOPs that still counts as equal."""


@dataclass(frozen=True)
class Cost:
    """Parameters, and FLOPs on one feature."""

    parameters: int
    flops: int


def cost_of(attention: Mapping[str, Any], in_channels: int, side: int = MEASURED_SIDE) -> Cost:
    """What an attention costs on a feature of `side` pixels a side, by torch's counter."""
    with torch.device("meta"):
        module = make_attention(attention, in_channels).eval()
        with torch.no_grad(), FlopCounter() as counter:
            module(torch.empty(1, in_channels, side, side))
    return Cost(sum(p.numel() for p in module.parameters()), counter.total)


@dataclass(frozen=True)
class Spending:
    """How a cost is spread over a placebo's parts; see the module's table."""

    channels: int
    pixels: int
    mix_width: int
    mix_rounds: int
    trim_width: int
    trim_rounds: int
    context_width: int
    bias_width: int

    @property
    def cost(self) -> Cost:
        """What these parts cost together."""
        per_hidden = 2 * self.channels
        parameters = per_hidden * (self.mix_width + self.context_width) + self.trim_width + self.bias_width
        mix = 2 * per_hidden * self.mix_width * self.pixels * self.mix_rounds
        trim = 2 * self.trim_width * self.pixels * self.trim_rounds
        return Cost(parameters, mix + trim + 2 * per_hidden * self.context_width)


def spend(cost: Cost, channels: int, pixels: int) -> Spending:
    """Spread a cost: FLOPs per pixel first, then the parameters that are left."""
    per_hidden = 2 * channels
    affordable = cost.parameters // per_hidden
    per_pixel = max(0, cost.flops - 2 * cost.parameters)  # beside what the context spends if it has all parameters
    rounds = max(1, math.ceil(per_pixel / (2 * per_hidden * affordable * pixels))) if affordable else 1
    # A hidden channel that moves from the context to the mix spends `pixels * rounds` times what it spent, not once.
    width = min(affordable, per_pixel // (2 * per_hidden * max(1, pixels * rounds - 1)))
    if width and width * per_hidden == cost.parameters:
        width -= 1  # something must be left for the fine steps
    parameters = cost.parameters - width * per_hidden
    steps = round((per_pixel - 2 * per_hidden * (pixels * rounds - 1) * width) / (2 * pixels))
    trim_width, trim_rounds = _factors(steps, most=min(channels, parameters))
    context_width, bias_width = divmod(parameters - trim_width, per_hidden)
    return Spending(channels, pixels, width, rounds, trim_width, trim_rounds, context_width, bias_width)


def _factors(product: int, most: int) -> tuple[int, int]:
    """A width up to `most` and the rounds whose product is nearest, tried from the fewest rounds on."""
    if product <= 0 or most <= 0:
        return 0, 1
    fewest = max(1, product // most)
    candidates = [(min(most, round(product / rounds)), rounds) for rounds in range(fewest, fewest + TRIED)]
    return min(candidates, key=lambda pair: abs(pair[0] * pair[1] - product))


class Placebo(Attention):
    """An attention's cost without its mechanism. ValueError where the cost cannot be met."""

    def __init__(self, in_channels: int, *, attention: Mapping[str, Any], side: int = MEASURED_SIDE) -> None:
        super().__init__()
        self.side, self.wanted = side, cost_of(attention, in_channels, side)
        self.spending = spend(self.wanted, in_channels, side * side)
        self._refuse_what_is_not_close(attention["_target_"])
        self.mix = _bottleneck(in_channels, self.spending.mix_width)
        self.trim = _zero_conv(self.spending.trim_width)
        self.context = _bottleneck(in_channels, self.spending.context_width)
        self.pool = AveragePool()
        self.bias = nn.Parameter(torch.zeros(self.spending.bias_width)) if self.spending.bias_width else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        y = x
        if self.mix is not None:
            for _ in range(self.spending.mix_rounds):
                y = y + self.mix(y) / self.spending.mix_rounds
        if self.trim is not None:
            for _ in range(self.spending.trim_rounds):
                y = y + self.trim(x[:, : self.spending.trim_width])
        if self.context is not None:
            y = y + self.context(self.pool(x))
        return y if self.bias is None else y + self._bias(x.shape[1])

    def _bias(self, channels: int) -> Tensor:
        """(1, C, 1, 1); where there are more than C numbers, two of them add up."""
        padded = F.pad(self.bias, (0, 2 * channels - self.spending.bias_width))  # type: ignore[arg-type]
        return padded.view(2, channels).sum(dim=0).view(1, channels, 1, 1)

    def remarks(self) -> list[str]:
        """How closely it matches."""
        got, wanted = self.spending.cost, self.wanted
        return [
            f"placebo of {got.parameters:,} parameters for {wanted.parameters:,} and {got.flops / 1e9:.6f} GFLOPs for "
            f"{wanted.flops / 1e9:.6f}, on {self.side} x {self.side} pixels"
        ]

    def _refuse_what_is_not_close(self, name: str) -> None:
        got, wanted = self.spending.cost, self.wanted
        if wanted == Cost(0, 0):
            raise ValueError(
                f"{name} has no parameters and no counted FLOPs, so its placebo would be no insertion at all; "
                "compare it with attention=none"
            )
        two_per_pixel = 4 * self.side**2  # multiply-adds: far below what any layer of a detector spends
        is_close = abs(got.flops - wanted.flops) <= max(CLOSE * wanted.flops, two_per_pixel)
        if not is_close or abs(got.parameters - wanted.parameters) > CLOSE * wanted.parameters:
            raise ValueError(f"{name}: no placebo comes close enough: {self.remarks()[0]}")


def _bottleneck(channels: int, width: int) -> nn.Sequential | None:
    if width == 0:
        return None
    return nn.Sequential(
        nn.Conv2d(channels, width, 1, bias=False), nn.SiLU(inplace=True), nn.Conv2d(width, channels, 1, bias=False)
    )


def _zero_conv(width: int) -> nn.Conv2d | None:
    """From `width` channels to one map that is added to all; it starts at 0."""
    if width == 0:
        return None
    conv = nn.Conv2d(width, 1, 1, bias=False)
    nn.init.zeros_(conv.weight)
    return conv
