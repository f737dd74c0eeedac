from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab.blocks import SeparableConv


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "stride": 2, "kernel_size": 5}], ids=str)
class TestSeparableConv(BlockContract):
    block = SeparableConv


def test_its_parameters_are_those_of_a_depth_wise_and_a_pointwise_convolution():
    count = sum(parameter.numel() for parameter in SeparableConv(16, channels=24).parameters())
    assert count == (9 * 16 + 2 * 16) + (16 * 24 + 2 * 24)
