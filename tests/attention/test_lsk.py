from __future__ import annotations

import torch

from yololab.attention import LSK


def test_an_even_choice_weighs_both_fields_by_a_half():
    x, module = torch.rand(1, 8, 9, 9), LSK(8).eval()
    torch.nn.init.zeros_(module.conv_squeeze.weight)
    torch.nn.init.zeros_(module.conv_squeeze.bias)
    near = module.conv0(x)
    both = module.conv1(near) + module.conv2(module.conv_spatial(near))
    torch.testing.assert_close(module(x), x * module.conv(both / 2))
