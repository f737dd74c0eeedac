from __future__ import annotations

import pytest
import torch

from yololab.attention import SE


def test_without_weights_it_halves():
    module, x = SE(32), torch.rand(2, 32, 4, 4)
    for parameter in module.parameters():
        torch.nn.init.zeros_(parameter)
    torch.testing.assert_close(module(x), x / 2)


def test_every_pixel_of_a_channel_has_one_gate():
    module, x = SE(32), torch.rand(1, 32, 4, 4) + 0.1
    gate = module(x) / x
    torch.testing.assert_close(gate, gate[..., :1, :1].expand_as(gate))


@pytest.mark.parametrize(("channels", "hidden"), [(64, 8), (256, 16)])
def test_the_hidden_width_is_a_share_of_the_channels_and_at_least_eight(channels, hidden):
    assert SE(channels).fc1.out_channels == hidden
