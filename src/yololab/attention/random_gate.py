"""RandomGate: an attention whose own weights are frozen where they were drawn.

The second placebo. The same layers in the same form, so the same parameters, GFLOPs and gating of features by features,
but from a random projection that never learns what to attend to. A gain that it shows too comes from gating (or
mixing) at all, by whatever, and from what its neighbours learn around it; `Placebo` keeps capacity and takes the gate
away instead. Random projections as such controls: Ramanujan et al., arXiv:1911.13299; Rosenfeld & Tsotsos, 1802.00844.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from yololab.attention.base import Attention
from yololab.attention.gated import make_attention


class RandomGate(Attention):
    """Any attention with frozen weights. ValueError where it has none: its mechanism is all there is to it."""

    def __init__(self, in_channels: int, *, attention: Mapping[str, Any]) -> None:
        super().__init__()
        self.attention = make_attention(attention, in_channels)
        if not any(True for _ in self.attention.parameters()):
            raise ValueError(
                f"{attention['_target_']} has no weights that could be frozen at random; compare it with attention=none"
            )
        self.attention.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return self.attention(x)

    def remarks(self) -> list[str]:
        """What is frozen."""
        count = sum(parameter.numel() for parameter in self.attention.parameters())
        return [f"random gate: {count:,} parameters frozen where they were drawn"]
