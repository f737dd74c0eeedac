from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks


@pytest.mark.parametrize("args", [{"channels": 24}])
class TestC2fDynamic(BlockContract):
    block = blocks.C2fDynamic


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2}])
class TestC2fGhostDynamic(BlockContract):
    block = blocks.C2fGhostDynamic


@pytest.mark.parametrize("args", [{"channels": 24}])
class TestC3Dynamic(BlockContract):
    block = blocks.C3Dynamic


@pytest.mark.parametrize("args", [{"channels": 24}])
class TestC3GhostDynamic(BlockContract):
    block = blocks.C3GhostDynamic
