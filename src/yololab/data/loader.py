"""A DataLoader that goes on in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader

from yololab.data.dataset import EpochSampler


class ResumableLoader(DataLoader):
    """Its state dict says how many batches of which epoch were handed out; Lightning keeps it in checkpoints."""

    sampler: EpochSampler

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._batches = 0

    def __iter__(self) -> Iterator[Any]:
        # A generator: nothing is fetched before the first batch is asked for, when the sampler knows its epoch.
        self._batches = self.sampler.skip // (self.batch_size or 1)
        for batch in super().__iter__():
            self._batches += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        """Epoch and batches handed out in it."""
        if self._batches >= len(self):
            return {"epoch": self.sampler.epoch + 1, "batches": 0}
        return {"epoch": self.sampler.epoch, "batches": self._batches}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """The next pass starts behind the batches that were handed out."""
        self.sampler.set_epoch(state["epoch"])
        self.sampler.skip = state["batches"] * (self.batch_size or 1)
