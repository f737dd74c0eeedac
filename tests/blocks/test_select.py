from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab.blocks import ChannelSelect, SelectiveFusion
from yololab.blocks.select import PooledGate
from yololab.graph.node import FeatureSpec


@pytest.mark.parametrize("args", [{"channels": 24}], ids=str)
class TestChannelSelect(BlockContract):
    block = ChannelSelect


def test_a_gate_reads_mean_and_maximum_through_the_same_layers():
    gate, x = PooledGate(32), torch.rand(2, 32, 5, 7)
    first, last = gate.mlp[0].weight[:, :, 0, 0], gate.mlp[2].weight[:, :, 0, 0]
    mean, most = x.mean((2, 3)), x.amax((2, 3))
    expected = ((mean @ first.T).relu() @ last.T + (most @ first.T).relu() @ last.T).sigmoid()
    torch.testing.assert_close(gate(x)[..., 0, 0], expected)
    assert first.shape[0] == 4  # 32 / 16 would be 2: at least four


def test_the_deeper_feature_says_what_passes_of_the_shallower_one():
    block, shallow, deep = SelectiveFusion((8, 8)), torch.rand(2, 8, 4, 4), torch.rand(2, 8, 4, 4)
    torch.testing.assert_close(block(shallow, deep), block.gate(deep) * shallow + deep)
    torch.testing.assert_close(block(torch.zeros_like(shallow), deep), deep)


def test_two_sizes_are_refused():
    with pytest.raises(ValueError, match="one size and width"):
        SelectiveFusion.out_spec([FeatureSpec(8, 8), FeatureSpec(8, 16)])
