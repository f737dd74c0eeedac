from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks


@pytest.mark.parametrize("args", [{"channels": 16, "groups": 4}])
class TestBottleneck(BlockContract):
    block = blocks.Bottleneck
