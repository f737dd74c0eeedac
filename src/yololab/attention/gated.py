"""Gated: an insertion that starts as the identity; and how an attention inside another block is made.

`Gated` wraps any attention A as x + g (A(x) - x) with a learnt scalar g from 0 (ReZero, arXiv:2003.04887): at step 0
the network computes exactly what it computed without the insertion, so that pretrained baselines lose nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.config.target import instantiate


def make_attention(config: Mapping[str, Any], in_channels: int) -> nn.Module:
    """The attention that a configuration ({_target_, ...arguments}) describes."""
    return instantiate(config, Attention, "attention", in_channels)


class Gated(Attention):
    """Any attention behind a learnt gate that starts closed."""

    def __init__(self, in_channels: int, *, attention: Mapping[str, Any]) -> None:
        super().__init__()
        self.attention = make_attention(attention, in_channels)
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return x + self.gate * (self.attention(x) - x)
