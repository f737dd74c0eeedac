"""GC: one context for all places, by attention over them, added to or multiplied with each (arXiv:1904.11492)."""

from __future__ import annotations

from torch import Tensor, nn

from yololab.attention.base import Attention


class GC(Attention):
    """x [* sigmoid(transform(context))] [+ transform(context)]: `fusion` is "add", "mul" or "both"."""

    def __init__(self, in_channels: int, *, ratio: float = 0.25, fusion: str = "add") -> None:
        super().__init__()
        if fusion not in ("add", "mul", "both"):
            raise ValueError(f"fusion={fusion}: expected add, mul or both")
        hidden = max(1, int(in_channels * ratio))
        self.conv_mask = nn.Conv2d(in_channels, 1, 1)
        self.channel_mul_conv = _transform(in_channels, hidden) if fusion != "add" else None
        self.channel_add_conv = _transform(in_channels, hidden) if fusion != "mul" else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        weights = self.conv_mask(x).flatten(2).softmax(dim=2)  # (B, 1, H*W)
        context = (x.flatten(2) * weights).sum(dim=2)[:, :, None, None]  # (B, C, 1, 1)
        if self.channel_mul_conv is not None:
            x = x * self.channel_mul_conv(context).sigmoid()
        return x if self.channel_add_conv is None else x + self.channel_add_conv(context)


def _transform(channels: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, hidden, 1),
        nn.LayerNorm([hidden, 1, 1]),
        nn.ReLU(inplace=True),
        nn.Conv2d(hidden, channels, 1),
    )
