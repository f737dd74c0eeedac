from __future__ import annotations

import torch

from yololab.attention import CPCA


def test_strips_are_added_to_the_square_and_one_1x1_ends_it():
    x, module = torch.rand(1, 8, 9, 9), CPCA(8)
    for name in ("dconv7_1", "dconv11_1", "dconv21_1"):
        torch.nn.init.zeros_(getattr(module, name).weight)
        torch.nn.init.zeros_(getattr(module, name).bias)
    gated = module.ca(torch.nn.functional.gelu(module.conv(x)))
    torch.testing.assert_close(module(x), module.conv(module.conv(module.dconv5_5(gated)) * gated))
