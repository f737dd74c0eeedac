from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab.blocks import C2, RepC3


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "repeats": 2, "shortcut": False}], ids=str)
class TestC2(BlockContract):
    block = C2


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "repeats": 1, "expansion": 0.5}], ids=str)
class TestRepC3(BlockContract):
    block = RepC3
