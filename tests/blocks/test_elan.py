from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks


@pytest.mark.parametrize("args", [{"channels": 24}])
class TestELAN(BlockContract):
    block = blocks.ELAN


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2}])
class TestRepNCSPELAN(BlockContract):
    block = blocks.RepNCSPELAN
