from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab.blocks import C3Ghost, GhostBottleneck, GhostConv


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "kernel_size": 3, "stride": 2}], ids=str)
class TestGhostConv(BlockContract):
    block = GhostConv


@pytest.mark.parametrize("args", [{"channels": 16}, {"channels": 24, "stride": 2}], ids=str)
class TestGhostBottleneck(BlockContract):
    block = GhostBottleneck


@pytest.mark.parametrize("args", [{"channels": 32, "repeats": 2}], ids=str)
class TestC3Ghost(BlockContract):
    block = C3Ghost


def test_a_width_that_cannot_be_added_is_refused():
    with pytest.raises(ValueError, match="keeps its 16 channels"):
        GhostBottleneck(16, channels=24)
