from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from blocks.case import BlockContract
from yololab.blocks import CARAFE, DySample, SPDConv


@pytest.mark.parametrize("args", [{}, {"hidden": 8, "reach": 3, "norm": True}, {"factor": 4}], ids=str)
class TestCARAFE(BlockContract):
    block = CARAFE


@pytest.mark.parametrize("args", [{}, {"style": "pl", "scope": True}, {"factor": 4, "groups": 2}], ids=str)
class TestDySample(BlockContract):
    block = DySample


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 16, "kernel_size": 1}], ids=str)
class TestSPDConv(BlockContract):
    block = SPDConv


def test_even_weights_are_a_mean_over_the_neighbours():
    module, x = CARAFE(4, reach=3), torch.rand(1, 4, 5, 6)
    torch.nn.init.zeros_(module.enc.weight)
    torch.nn.init.zeros_(module.enc.bias)
    mean = F.avg_pool2d(x, 3, stride=1, padding=1)
    torch.testing.assert_close(module(x), F.interpolate(mean, scale_factor=2, mode="nearest"))


@pytest.mark.parametrize("style", ["lp", "pl"])
def test_places_that_do_not_move_are_bilinear_upsampling(style):
    module, x = DySample(16, style=style), torch.rand(2, 16, 5, 6)
    torch.nn.init.zeros_(module.offset.weight)
    torch.testing.assert_close(module(x), F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False))


def test_what_cannot_be_sampled_is_refused():
    with pytest.raises(ValueError, match="expected lp or pl"):
        DySample(16, style="x")
    with pytest.raises(ValueError, match="do not go with groups=5"):
        DySample(16, groups=5)


def test_nothing_is_skipped():
    module, x = SPDConv(1, channels=4, kernel_size=1).eval(), torch.rand(1, 1, 4, 4)
    with torch.no_grad():
        module.conv.weight.copy_(torch.eye(4).view(4, 4, 1, 1))
    got = module.conv(torch.cat([x[..., r::2, c::2] for c in (0, 1) for r in (0, 1)], dim=1))
    assert sorted(got.flatten().tolist()) == sorted(x.flatten().tolist())
