from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks


@pytest.mark.parametrize("args", [{"channels": 24}])
class TestSPPF(BlockContract):
    block = blocks.SPPF


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "expansion": 1.0}], ids=str)
class TestCSPSPPF(BlockContract):
    block = blocks.CSPSPPF


def test_yolov6ns_has_its_parameters():
    assert sum(p.numel() for p in blocks.CSPSPPF(256, channels=256).parameters()) == 509_952
