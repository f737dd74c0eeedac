from __future__ import annotations

import pytest
import torch

from yololab import attention


def test_cbam_without_weights_halves_twice():
    module = attention.CBAM(8)
    for parameter in module.parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.rand(1, 8, 4, 4)
    torch.testing.assert_close(module(x), x / 4)  # sigmoid(0) * sigmoid(0)


def test_paper_cbam_adds_what_the_shared_mlp_says_of_mean_and_max():
    module = attention.PaperCBAM(16, reduction=16)
    gate, x = module.channel_attention, torch.rand(2, 16, 5, 5)
    mlp = gate.mlp
    expected = x * torch.sigmoid(mlp(x.mean((2, 3), True)) + mlp(x.amax((2, 3), True)))
    torch.testing.assert_close(gate(x), expected)
    assert sum(p.numel() for p in gate.parameters()) == 2 * 16  # one hidden unit, no bias


@pytest.mark.parametrize(
    "make_even", [lambda: attention.CBAM(8, kernel_size=4), lambda: attention.ECA(8, kernel_size=2)]
)
def test_even_kernels_are_refused_with_the_value(make_even):
    with pytest.raises(ValueError, match="kernel_size must be odd, got"):
        make_even()
