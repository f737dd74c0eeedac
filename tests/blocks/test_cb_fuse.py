from __future__ import annotations

import pytest

from yololab import blocks
from yololab.graph.node import FeatureSpec


def test_cb_fuse_refuses_a_map_of_other_width():
    with pytest.raises(ValueError, match="input 0: expected its map 1 to have 16 channels"):
        blocks.CBFuse.out_spec([FeatureSpec((8, 24), 16), FeatureSpec(16, 8)], indices=[1])
