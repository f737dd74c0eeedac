from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab.blocks import RFAConv


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "kernel_size": 3, "stride": 2}], ids=str)
class TestRFAConv(BlockContract):
    block = RFAConv


def test_gates_of_a_field_add_up_to_one():
    module, x = RFAConv(4, channels=8), torch.rand(1, 4, 6, 6)
    weights = module.get_weight(x).view(1, 4, 9, 6, 6).softmax(dim=2)
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(1, 4, 6, 6))
