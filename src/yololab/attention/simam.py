"""SimAM: a gate per neuron from how far it stands out in its channel; no parameters (ICML 2021, eq. 5 and 11)."""

from __future__ import annotations

from torch import Tensor

from yololab.attention.base import Attention


class SimAM(Attention):
    """x * sigmoid(d^2 / (4 (variance + lambda)) + 1/2), d the distance to the channel's mean."""

    def __init__(self, in_channels: int, *, energy_lambda: float = 1e-4) -> None:
        super().__init__()
        self.energy_lambda = energy_lambda

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        neighbours = max(x.shape[2] * x.shape[3] - 1, 1)
        squared = (x - x.mean(dim=(2, 3), keepdim=True)).square()
        variance = squared.sum(dim=(2, 3), keepdim=True) / neighbours
        return x * (squared / (4 * (variance + self.energy_lambda)) + 0.5).sigmoid()
