"""Partial self-attention: YOLOv10's PSA and YOLO11's C2PSA, over a part of the channels (arXiv:2405.14458)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block, single
from yololab.blocks.conv import Conv
from yololab.blocks.cross_stage import SplitStage
from yololab.graph.node import FeatureSpec

CHANNELS_A_HEAD = 64


def heads_of(channels: int) -> int:
    """A head for every 64 channels."""
    return max(channels // CHANNELS_A_HEAD, 1)


class PixelAttention(Block):
    """Multi-head self-attention over pixels, keys `key_ratio` as wide as values, which a 3x3 adds."""

    def __init__(self, channels: int, *, num_heads: int = 8, key_ratio: float = 0.5) -> None:
        super().__init__()
        if channels % num_heads:
            raise ValueError(f"num_heads={num_heads} must divide the channels, {channels}")
        self.num_heads, self.head = num_heads, channels // num_heads
        self.key = int(self.head * key_ratio)
        self.qkv = Conv(channels, channels=channels + 2 * self.key * num_heads, activation="identity")
        self.proj = Conv(channels, channels=channels, activation="identity")
        self.pe = Conv(channels, channels=channels, kernel_size=3, groups=channels, activation="identity")

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The spec of the input."""
        return single(inputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        batch, channels, height, width = x.shape
        heads = self.qkv(x).view(batch, self.num_heads, 2 * self.key + self.head, height * width)
        query, key, value = heads.split((self.key, self.key, self.head), dim=2)
        weights = (query.transpose(2, 3) @ key * self.key**-0.5).softmax(dim=-1)  # (B, heads, N, N)
        mixed = (value @ weights.transpose(2, 3)).reshape(batch, channels, height, width)
        return self.proj(mixed + self.pe(value.reshape(batch, channels, height, width)))


def feed_forward(channels: int) -> nn.Sequential:
    """1x1 to twice the width with SiLU, and back without."""
    wide = 2 * channels
    return nn.Sequential(Conv(channels, channels=wide), Conv(wide, channels=channels, activation="identity"))


class PSABlock(nn.Module):
    """x + attention(x), then x + feed-forward(x); without the residuals where `shortcut` is false."""

    def __init__(self, channels: int, *, num_heads: int = 4, key_ratio: float = 0.5, shortcut: bool = True) -> None:
        super().__init__()
        self.attn = PixelAttention(channels, num_heads=num_heads, key_ratio=key_ratio)
        self.ffn = feed_forward(channels)
        self.add = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        for part in (self.attn, self.ffn):
            x = x + part(x) if self.add else part(x)
        return x


class C2PSA(Block):
    """One half of a split goes through `repeats` PSABlocks; keeps the channels."""

    def __init__(self, in_channels: int, *, channels: int, repeats: int = 1, expansion: float = 0.5) -> None:
        super().__init__()
        self.c = _half(in_channels, channels, expansion)
        self.cv1 = Conv(in_channels, channels=2 * self.c)
        self.cv2 = Conv(2 * self.c, channels=channels)
        self.m = nn.Sequential(*(PSABlock(self.c, num_heads=heads_of(self.c)) for _ in range(repeats)))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        kept, mixed = self.cv1(x).chunk(2, dim=1)
        return self.cv2(torch.cat((kept, self.m(mixed)), dim=1))


class PSA(Block):
    """YOLOv10's: one half of a split through attention and feed-forward, each with its residual."""

    def __init__(self, in_channels: int, *, channels: int, expansion: float = 0.5) -> None:
        super().__init__()
        self.c = _half(in_channels, channels, expansion)
        self.cv1 = Conv(in_channels, channels=2 * self.c)
        self.cv2 = Conv(2 * self.c, channels=channels)
        self.attn = PixelAttention(self.c, num_heads=heads_of(self.c))
        self.ffn = feed_forward(self.c)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        kept, mixed = self.cv1(x).chunk(2, dim=1)
        mixed = mixed + self.attn(mixed)
        mixed = mixed + self.ffn(mixed)
        return self.cv2(torch.cat((kept, mixed), dim=1))


class C2fPSA(SplitStage):
    """C2f over PSABlocks."""

    def __init__(self, in_channels: int, *, channels: int, repeats: int = 1, expansion: float = 0.5) -> None:
        def inner(width: int) -> PSABlock:
            return PSABlock(width, num_heads=heads_of(width))

        super().__init__(in_channels, channels=channels, repeats=repeats, expansion=expansion, inner=inner)


def _half(in_channels: int, channels: int, expansion: float) -> int:
    if in_channels != channels:
        raise ValueError(f"channels={channels}: the block keeps its {in_channels} channels")
    return int(in_channels * expansion)
