"""Replicas: the same start, rounded otherwise, so that training goes another way for no reason at all."""

from __future__ import annotations

import torch
from torch import nn

SHARE = 1e-6
"""Standard deviation of a weight's relative change, some ten steps of float32"""


@torch.no_grad()
def round_otherwise(model: nn.Module, seed: int, replica: int) -> None:
    """Change every weight by about a millionth of itself, as (seed, replica) says; replica 0 changes nothing.

    What two replicas of a seed come to is what two runs differ by when nothing differs between them: initial weights,
    order of the data and augmentation are the same, as they are for two rows of a study.
    """
    if not replica:
        return
    generator = torch.Generator().manual_seed(seed * 1_000_003 + replica)
    for parameter in model.parameters():
        noise = torch.randn(parameter.shape, generator=generator).to(parameter.device, parameter.dtype)
        parameter.mul_(1 + SHARE * noise)
