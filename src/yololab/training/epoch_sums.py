"""Loss terms summed over an epoch's images, on the device, so that their means need no look at every batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

IMAGES = "images"


class EpochSums:
    """Of every loss term and of their total, with the number of images; of this rank alone until they are joined."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}

    @torch.no_grad()
    def add(self, terms: Mapping[str, Tensor], images: int) -> None:
        """A batch's terms, each a mean over its images."""
        values = {name: value.detach().float() * images for name, value in terms.items()}
        values["loss"] = torch.stack(list(values.values())).sum()
        values[IMAGES] = torch.tensor(float(images), device=values["loss"].device)
        self._sums = {name: value + self._sums.get(name, 0.0) for name, value in values.items()}

    def clear(self) -> None:
        """Start an epoch."""
        self._sums = {}

    def joined(self, strategy: Any) -> dict[str, Tensor]:
        """Of all ranks, as checkpoints keep them; a collective call."""
        if not self._sums:
            return {}
        sums = strategy.reduce(torch.stack(list(self._sums.values())), reduce_op="sum")
        return dict(zip(self._sums, sums.unbind(), strict=True))

    def restore(self, joined: Mapping[str, Tensor], is_first: bool, device: torch.device) -> None:
        """Go on from what a checkpoint kept: the first rank has it all."""
        self._sums = {name: float(is_first) * value.to(device) for name, value in joined.items()}

    def means(self, strategy: Any) -> dict[str, float]:
        """Mean of every term over the images so far; a collective call."""
        values = {name: float(value) for name, value in self.joined(strategy).items()}
        images = values.pop(IMAGES, 1.0)
        return {name: value / images for name, value in values.items()}
