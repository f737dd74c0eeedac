from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks
from yololab.blocks.rep_ncsp import RepBottleneck


def test_rep_bottleneck_hides_half_of_its_width_unless_told():
    assert RepBottleneck(16, channels=16).cv2.conv.weight.shape == (16, 8, 3, 3)
    assert RepBottleneck(16, channels=16, expansion=1.0, kernel_size=5, groups=4).cv2.conv.weight.shape == (16, 4, 5, 5)


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2}, {"channels": 24, "groups": 3}])
class TestRepNCSP(BlockContract):
    block = blocks.RepNCSP
