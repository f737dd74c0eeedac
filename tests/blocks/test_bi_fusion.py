from __future__ import annotations

import pytest
import torch

from yololab.blocks import BiFusion
from yololab.blocks.base import deploy_children
from yololab.graph.node import FeatureSpec

LEVELS = [(8, 4, 6), (16, 8, 12), (24, 16, 24)]


def features():
    return [torch.rand(2, *shape) for shape in LEVELS]


def test_it_yields_the_middle_level():
    block = BiFusion((8, 16, 24), channels=8).eval()
    spec = BiFusion.out_spec([FeatureSpec(8, 32), FeatureSpec(16, 16), FeatureSpec(24, 8)], channels=8)
    assert spec == FeatureSpec(8, 16)
    assert block(*features()).shape == (2, 8, 8, 12)


def test_parameters_are_those_of_yolov6n():
    assert sum(p.numel() for p in BiFusion((64, 128, 64), channels=64).parameters()) == 78_400  # neck.Bifusion0


def test_its_deployed_form_is_equal():
    block, given = BiFusion((8, 16, 24), channels=8), features()
    for _ in range(3):
        block(*features())
    expected = block.eval()(*given)
    torch.testing.assert_close(deploy_children(block)(*given), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("strides", [(32, 16), (32, 32, 16), (8, 16, 32)])
def test_other_levels_are_refused(strides):
    with pytest.raises(ValueError, match="strides as 4 : 2 : 1"):
        BiFusion.out_spec([FeatureSpec(8, stride) for stride in strides], channels=8)
