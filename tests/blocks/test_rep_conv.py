from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks


@pytest.mark.parametrize("args", [{"channels": 24}])
class TestRepConv(BlockContract):
    block = blocks.RepConv
