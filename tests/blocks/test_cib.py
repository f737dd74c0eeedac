from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab.blocks import CIB, C2fCIB, SCDown
from yololab.blocks.base import deploy_children
from yololab.blocks.cib import RepVGGDW


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "large_kernel": True}], ids=str)
class TestCIB(BlockContract):
    block = CIB


@pytest.mark.parametrize("args", [{"channels": 24, "shortcut": True, "large_kernel": True, "repeats": 2}], ids=str)
class TestC2fCIB(BlockContract):
    block = C2fCIB


@pytest.mark.parametrize(
    "args", [{"channels": 24, "stride": 2}, {"channels": 16, "stride": 1, "kernel_size": 5}], ids=str
)
class TestSCDown(BlockContract):
    block = SCDown


def test_two_kernels_become_one():
    module = RepVGGDW(8).eval()
    deployed = deploy_children(module)
    assert [name for name, _ in deployed.named_parameters()] == ["conv.weight", "conv.bias"]
    assert deployed.conv.kernel_size == (7, 7)
