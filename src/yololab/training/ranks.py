"""Ranks of a distributed run share one folder; one of them writes."""

from __future__ import annotations

import contextlib

import torch
from lightning.pytorch.utilities.rank_zero import rank_zero_only


def is_first_rank() -> bool:
    """Whether this process is the one that writes."""
    return rank() == 0


def wait_for_ranks() -> None:
    """Wait until all ranks are here; where one is gone, no longer than the others notice."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        with contextlib.suppress(Exception):
            distributed.barrier()


def rank() -> int:
    """This process's number among those that train one run; 0 where it is alone."""
    return int(rank_zero_only.rank or 0)
