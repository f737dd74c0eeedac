from __future__ import annotations

import torch

from yololab.attention import SK


def test_an_even_choice_is_the_mean_of_the_branches():
    x, module = torch.rand(2, 8, 6, 6), SK(8).eval()
    for fc in module.fcs:
        torch.nn.init.zeros_(fc.weight)
        torch.nn.init.zeros_(fc.bias)
    branches = torch.stack([conv(x) for conv in module.convs])
    torch.testing.assert_close(module(x), branches.mean(dim=0))


def test_a_strong_choice_is_one_branch():
    x, module = torch.rand(1, 8, 6, 6), SK(8, kernel_sizes=(3, 5)).eval()
    for fc, bias in zip(module.fcs, (50.0, 0.0), strict=True):
        torch.nn.init.zeros_(fc.weight)
        torch.nn.init.constant_(fc.bias, bias)
    torch.testing.assert_close(module(x), module.convs[0](x))
