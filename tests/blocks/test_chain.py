"""Chain: blocks behind each other."""

from __future__ import annotations

import pytest
import torch

from yololab.blocks import Chain
from yololab.graph.node import FeatureSpec


def test_it_is_its_blocks_in_a_row():
    chain, x = Chain(8, of="Bottleneck", repeats=3, channels=8).eval(), torch.rand(1, 8, 4, 4)
    expected = x
    for block in chain.blocks:
        expected = block(expected)
    torch.testing.assert_close(chain(x), expected)
    assert len(chain.blocks) == 3
    assert Chain.out_spec([FeatureSpec(8, 4)], of="Bottleneck", repeats=3, channels=8) == FeatureSpec(8, 4)


def test_a_single_block_may_change_its_input():
    assert Chain.out_spec([FeatureSpec(8, 4)], of="Conv", repeats=1, channels=16, stride=2) == FeatureSpec(16, 8)


def test_what_cannot_follow_itself_and_what_is_no_block_are_refused():
    with pytest.raises(ValueError, match="only what keeps both can follow itself"):
        Chain.out_spec([FeatureSpec(8, 4)], of="Conv", repeats=2, channels=16)
    with pytest.raises(ValueError, match="there is no such block"):
        Chain(8, of="Convolution", channels=8)
