from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2}, {"channels": 24, "groups": 3}])
class TestC3(BlockContract):
    block = blocks.C3
