from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab.blocks import C3k, C3k2


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "repeats": 2, "kernel_size": 5}], ids=str)
class TestC3k(BlockContract):
    block = C3k


@pytest.mark.parametrize(
    "args",
    [{"channels": 24}, {"channels": 32, "c3k": True}, {"channels": 128, "attention": True, "repeats": 2}],
    ids=str,
)
class TestC3k2(BlockContract):
    block = C3k2


def test_its_bottlenecks_halve_their_width():
    assert C3k2(16, channels=32).m[0].cv1.conv.out_channels == 8  # of 16
