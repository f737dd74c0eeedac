"""Ranks of a distributed run share one folder; one of them writes."""

from __future__ import annotations

from lightning.pytorch.utilities.rank_zero import rank_zero_only


def is_first_rank() -> bool:
    """Whether this process is the one that writes."""
    return rank() == 0


def rank() -> int:
    """This process's number among those that train one run; 0 where it is alone."""
    return int(rank_zero_only.rank or 0)
