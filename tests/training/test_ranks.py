from __future__ import annotations

import torch
from lightning.pytorch.utilities.rank_zero import rank_zero_only

from yololab.training.ranks import is_first_rank, rank, wait_for_ranks


def test_a_process_alone_is_the_first_rank_and_waits_for_nobody():
    assert rank() == 0
    assert is_first_rank()
    wait_for_ranks()


def test_a_further_rank_knows_its_number(monkeypatch):
    monkeypatch.setattr(rank_zero_only, "rank", 2)
    assert rank() == 2
    assert not is_first_rank()


def test_ranks_wait_for_each_other_and_a_group_that_broke_holds_nobody(monkeypatch):
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    try:
        wait_for_ranks()

        def broken():
            raise RuntimeError("Connection closed by peer")

        monkeypatch.setattr(torch.distributed, "barrier", broken)
        wait_for_ranks()
    finally:
        torch.distributed.destroy_process_group()
