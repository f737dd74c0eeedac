from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks


@pytest.mark.parametrize(
    "args", [{"channels": 24, "repeats": 2, "shortcut": True}, {"channels": 32, "expansion": 0.25, "groups": 2}]
)
class TestC2f(BlockContract):
    block = blocks.C2f
