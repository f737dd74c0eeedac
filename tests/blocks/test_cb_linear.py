from __future__ import annotations

import torch

from yololab import blocks
from yololab.graph.node import FeatureSpec


def test_cb_linear_strides_all_of_its_maps():
    args = {"splits": (8, 12), "kernel_size": 3, "stride": 2, "groups": 4}
    maps = blocks.CBLinear(16, **args)(torch.rand(1, 16, 12, 8))
    assert [tuple(m.shape) for m in maps] == [(1, 8, 6, 4), (1, 12, 6, 4)]
    assert blocks.CBLinear.out_spec([FeatureSpec(16, 8)], **args) == FeatureSpec((8, 12), 16)
