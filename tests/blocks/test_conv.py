from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks


@pytest.mark.parametrize(
    "args",
    [
        {"channels": 24, "kernel_size": 3, "stride": 2},
        {"channels": 24, "kernel_size": 3, "dilation": 2, "groups": 4},
        {"channels": 24, "kernel_size": 3, "bias": True},
    ],
)
class TestConv(BlockContract):
    block = blocks.Conv
