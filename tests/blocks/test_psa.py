from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from yololab.blocks import C2PSA, PSA, C2fPSA
from yololab.blocks.psa import PixelAttention, heads_of


def test_it_is_scaled_dot_product_attention_with_its_positions():
    torch.manual_seed(0)
    module, x = PixelAttention(32, num_heads=2).eval(), torch.randn(2, 32, 4, 3)
    heads = module.qkv(x).view(2, 2, 32, 12)  # of each head: 8 of the query, 8 of the key, 16 of the value
    query, key, value = (part.transpose(2, 3) for part in heads.split((8, 8, 16), dim=2))
    mixed = F.scaled_dot_product_attention(query, key, value).transpose(2, 3).reshape(2, 32, 4, 3)
    places = module.pe(value.transpose(2, 3).reshape(2, 32, 4, 3))
    torch.testing.assert_close(module(x), module.proj(mixed + places), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("block", [C2PSA, PSA, C2fPSA])
def test_shape_is_kept(block):
    assert block(32, channels=32)(torch.rand(2, 32, 4, 6)).shape == (2, 32, 4, 6)


@pytest.mark.parametrize("block", [C2PSA, PSA])
def test_another_width_is_refused(block):
    with pytest.raises(ValueError, match="keeps its 32 channels"):
        block(32, channels=64)


def test_a_head_has_64_channels():
    assert [heads_of(channels) for channels in (16, 64, 128, 200)] == [1, 1, 2, 3]
