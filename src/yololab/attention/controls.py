"""Controls of an attention study: an insertion that starts as the identity, and a placebo of equal cost.

`Gated` wraps any attention A as x + g (A(x) - x) with a learnt scalar g from 0 (ReZero, arXiv:2003.04887): at step 0
the network computes exactly what it computed without the insertion, so that pretrained baselines lose nothing.

`Placebo` has the parameters and the GFLOPs of an attention and none of its gating: r times x + mix(x) / r, then
x + context(mean(x)). `mix` is a pointwise bottleneck that spends the attention's GFLOPs, `context` an MLP of the pooled
feature that spends the parameters that are left. Where an attention multiplies features with features (MHSA, EMA), it
spends GFLOPs without parameters; the placebo then passes through the same `mix` r > 1 times. GFLOPs are equal on
features of MEASURED_SIDE; those of MHSA grow with the square of the pixels, the placebo's do not. A gain that the
placebo shows too is capacity, not attention.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from yololab.attention.base import Attention
from yololab.blocks.pooling import AveragePool

MEASURED_SIDE = 20
"""Pixels of the square feature on which an attention's GFLOPs are measured: stride 32 at 640."""


def make_attention(config: Mapping[str, Any], in_channels: int) -> nn.Module:
    """The attention that a configuration ({_target_, ...arguments}) describes."""
    arguments = {key: value for key, value in config.items() if key != "_target_"}
    module, _, name = config["_target_"].rpartition(".")
    return getattr(importlib.import_module(module), name)(in_channels, **arguments)


class Gated(Attention):
    """Any attention behind a learnt gate that starts closed."""

    def __init__(self, in_channels: int, *, attention: Mapping[str, Any]) -> None:
        super().__init__()
        self.attention = make_attention(attention, in_channels)
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return x + self.gate * (self.attention(x) - x)


class Placebo(Attention):
    """Layers of an attention's parameters and GFLOPs, added instead of multiplied."""

    def __init__(self, in_channels: int, *, attention: Mapping[str, Any]) -> None:
        super().__init__()
        parameters, flops = cost_of(attention, in_channels)
        unit = 4 * in_channels * MEASURED_SIDE**2  # FLOPs of one hidden channel of the bottleneck
        most = parameters // (2 * in_channels)
        self.rounds = max(1, math.ceil(flops / (unit * most))) if most else 1
        mix_width = min(most, round(flops / (unit * self.rounds)))
        context_width = max(0, round((parameters - 2 * in_channels * mix_width) / (2 * in_channels)))
        self.mix = _bottleneck(in_channels, mix_width)
        self.context = _bottleneck(in_channels, context_width)
        self.pool = AveragePool()

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        y = x
        if self.mix is not None:
            for _ in range(self.rounds):
                y = y + self.mix(y) / self.rounds
        return y if self.context is None else y + self.context(self.pool(x))


def cost_of(attention: Mapping[str, Any], in_channels: int) -> tuple[int, int]:
    """Parameters of an attention, and FLOPs on a feature of MEASURED_SIDE pixels a side."""
    with torch.device("meta"):
        module = make_attention(attention, in_channels).eval()
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            module(torch.empty(1, in_channels, MEASURED_SIDE, MEASURED_SIDE))
    return sum(p.numel() for p in module.parameters()), counter.get_total_flops()


def _bottleneck(channels: int, width: int) -> nn.Sequential | None:
    if width == 0:
        return None
    return nn.Sequential(
        nn.Conv2d(channels, width, 1, bias=False), nn.SiLU(inplace=True), nn.Conv2d(width, channels, 1, bias=False)
    )
