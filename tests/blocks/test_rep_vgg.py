from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks
from yololab.blocks.base import deploy_children


def test_rep_vgg_becomes_one_convolution_with_the_published_parameters():
    block = deploy_children(blocks.RepVGG(16, channels=16).eval())
    assert sum(p.numel() for p in block.parameters()) == 16 * 16 * 9 + 16


@pytest.mark.parametrize("args", [{"channels": 16}])
class TestRepVGG(BlockContract):
    block = blocks.RepVGG


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 3}])
class TestRepBlock(BlockContract):
    block = blocks.RepBlock
