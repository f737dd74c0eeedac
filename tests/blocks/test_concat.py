from __future__ import annotations

import pytest

from yololab import blocks
from yololab.graph.node import FeatureSpec


def test_concat_refuses_features_of_different_strides():
    with pytest.raises(ValueError, match=r"one stride, got strides \[8, 16\]"):
        blocks.Concat.out_spec([FeatureSpec(8, 8), FeatureSpec(8, 16)])
