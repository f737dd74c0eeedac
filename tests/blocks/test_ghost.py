from __future__ import annotations

import pytest

from blocks.case import BlockContract
from yololab import blocks


def test_ghost_convolves_with_its_kernel_and_stride_once():
    block = blocks.GhostDynamic(8, channels=12, kernel_size=5, stride=2, cheap_kernel_size=3)
    primary, cheap = (part.conv[0] for part in (block.primary_conv, block.cheap_operation))
    assert (primary.cond_conv.kernel_shape, primary.stride) == ((6, 8, 5, 5), 2)
    assert (cheap.cond_conv.kernel_shape, cheap.stride) == ((6, 1, 3, 3), 1)


@pytest.mark.parametrize("args", [{"channels": 23}, {"channels": 23, "kernel_size": 3, "stride": 2, "num_experts": 2}])
class TestGhostDynamic(BlockContract):
    block = blocks.GhostDynamic
