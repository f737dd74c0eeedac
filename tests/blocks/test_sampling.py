from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks
from yololab.graph.node import FeatureSpec


def test_transposed_upsample_refuses_a_node_whose_maps_fit_no_grid():
    with pytest.raises(ValueError, match="expected kernel_size=4 equal to stride=2"):
        blocks.TransposedUpsample.out_spec([FeatureSpec(16, 8)], kernel_size=4)
    with pytest.raises(ValueError, match="input stride divisible by 3, got 8"):
        blocks.TransposedUpsample.out_spec([FeatureSpec(16, 8)], kernel_size=3, stride=3)


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 24, "kernel_size": 4, "stride": 4}])
class TestTransposedUpsample(BlockContract):
    block = blocks.TransposedUpsample


@pytest.mark.parametrize("args", [{}])
class TestUpsample(BlockContract):
    block = blocks.Upsample
