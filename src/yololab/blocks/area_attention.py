"""Area attention: YOLO12's stage, self-attention within consecutive pieces of the flattened map (arXiv:2502.12524)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.blocks.c3k import C3k
from yololab.blocks.conv import Conv

HEAD = 32
"""Channels of a head"""


class AreaAttention(nn.Module):
    """Each of `area` equal pieces of the rows laid end to end attends within itself; a depth-wise 7x7 of the values,
    over the whole map, is added.
    """

    def __init__(self, channels: int, *, num_heads: int, area: int = 1) -> None:
        super().__init__()
        if channels % num_heads:
            raise ValueError(f"num_heads={num_heads} must divide the channels, {channels}")
        self.num_heads, self.area = num_heads, area
        self.qkv = Conv(channels, channels=3 * channels, activation="identity")
        self.proj = Conv(channels, channels=channels, activation="identity")
        self.pe = Conv(channels, channels=channels, kernel_size=7, groups=channels, activation="identity")

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W); H x W must be a multiple of `area`."""
        batch, channels, height, width = x.shape
        pixels, head = height * width, channels // self.num_heads
        if pixels % self.area:
            raise ValueError(f"a map of {height} x {width} pixels cannot be cut into {self.area} equal areas")
        heads = self.qkv(x).view(batch, self.num_heads, 3 * head, self.area, pixels // self.area)
        query, key, value = heads.transpose(2, 3).split(head, dim=3)  # (B, heads, area, head, pixels / area)
        weights = (query.transpose(3, 4) @ key * head**-0.5).softmax(dim=-1)
        mixed = (value @ weights.transpose(3, 4)).transpose(2, 3).reshape(batch, channels, height, width)
        values = value.transpose(2, 3).reshape(batch, channels, height, width)
        return self.proj(mixed + self.pe(values))


class AreaBlock(nn.Module):
    """x + area attention, then x + 1x1 to `mlp_ratio` times the width with SiLU and back without."""

    def __init__(self, channels: int, *, num_heads: int, mlp_ratio: float = 1.2, area: int = 1) -> None:
        super().__init__()
        hidden = int(channels * mlp_ratio)
        self.attn = AreaAttention(channels, num_heads=num_heads, area=area)
        self.mlp = nn.Sequential(
            Conv(channels, channels=hidden), Conv(hidden, channels=channels, activation="identity")
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        x = x + self.attn(x)
        return x + self.mlp(x)


class A2C2f(Block):
    """The chain of outputs behind a 1x1, mixed: two AreaBlocks a repeat, or C3k of two where `attention` is false.

    With `residual` (and attention) the input is added to the output times a learnt scale per channel.
    """

    def __init__(
        self, in_channels: int, *, channels: int, repeats: int = 1, attention: bool = True, area: int = 1,
        residual: bool = False, mlp_ratio: float = 2.0, expansion: float = 0.5, groups: int = 1, shortcut: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        hidden = int(channels * expansion)
        if attention and hidden % HEAD:
            raise ValueError(f"channels={channels}: the hidden width, {hidden}, must be a multiple of {HEAD}")
        if attention and residual and in_channels != channels:
            raise ValueError(f"channels={channels}: a residual needs the {in_channels} channels of its input")

        def inner() -> nn.Module:
            if not attention:
                return C3k(hidden, channels=hidden, repeats=2, shortcut=shortcut, groups=groups)
            made = {"num_heads": hidden // HEAD, "mlp_ratio": mlp_ratio, "area": area}
            return nn.Sequential(*(AreaBlock(hidden, **made) for _ in range(2)))

        self.cv1 = Conv(in_channels, channels=hidden)
        self.cv2 = Conv((1 + repeats) * hidden, channels=channels)
        self.gamma = nn.Parameter(0.01 * torch.ones(channels)) if attention and residual else None
        self.m = nn.ModuleList(inner() for _ in range(repeats))

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H, W)."""
        parts = [self.cv1(x)]
        for block in self.m:
            parts.append(block(parts[-1]))
        y = self.cv2(torch.cat(parts, dim=1))
        return y if self.gamma is None else x + self.gamma.view(1, -1, 1, 1) * y
