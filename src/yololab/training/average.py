"""Exponential moving average of a model's weights and buffers, with a decay that rises over the first updates."""

from __future__ import annotations

import copy
import math

import torch
from torch import nn


class MovingAverage(nn.Module):
    """Holds the averaged copy as `model`, and the number of updates, both in the state dict.

    decay(n) = decay * (1 - exp(-n / tau)). Integer buffers are copied.
    """

    updates: torch.Tensor

    def __init__(self, model: nn.Module, decay: float, tau: float) -> None:
        super().__init__()
        self.decay, self.tau = decay, tau
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.register_buffer("updates", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move every float tensor of the copy towards `model`."""
        self.updates += 1
        share = 1 - self.decay * (1 - math.exp(-int(self.updates) / self.tau))
        source = model.state_dict()
        mine = self.model.state_dict()
        floats = [name for name, value in mine.items() if value.is_floating_point()]
        torch._foreach_lerp_([mine[n] for n in floats], [source[n].to(mine[n].dtype) for n in floats], share)
        for name in mine.keys() - set(floats):
            mine[name].copy_(source[name])

    def train(self, mode: bool = True) -> MovingAverage:
        """The average is always in eval mode."""
        return super().train(False)
