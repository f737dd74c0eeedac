from __future__ import annotations

import pytest
import torch

from yololab.attention import GC


@pytest.mark.parametrize("fusion", ["add", "mul", "both"])
def test_every_place_gets_the_same_context(fusion):
    x, module = torch.rand(1, 8, 4, 6), GC(8, fusion=fusion)
    change = module(x) / x if fusion == "mul" else module(x) - x
    if fusion == "both":
        change = module(x) - x * module.channel_mul_conv(_context(module, x)).sigmoid()
    assert change.std(dim=(2, 3)).max() < 1e-4


def _context(module, x):
    weights = module.conv_mask(x).flatten(2).softmax(dim=2)
    return (x.flatten(2) * weights).sum(dim=2)[:, :, None, None]


def test_an_unknown_fusion_is_refused():
    with pytest.raises(ValueError, match="expected add, mul or both"):
        GC(8, fusion="sum")
