from __future__ import annotations

import torch

from yololab.attention import TripletAttention


def test_open_gates_give_the_mean_of_the_branches():
    x = torch.rand(2, 6, 4, 5)
    for spatial in (True, False):
        module = TripletAttention(6, spatial=spatial).eval()
        for gate in (module.cw, module.hc, module.hw):
            if gate is not None:
                torch.nn.init.zeros_(gate.conv.conv.weight)  # sigmoid(0) = 1/2 everywhere
        torch.testing.assert_close(module(x), x / 2)


def test_a_gate_over_height_and_channels_is_the_same_for_every_column():
    x = torch.rand(1, 3, 4, 5)
    module = TripletAttention(3).eval()
    ratio = module.hc(x.transpose(1, 3)).transpose(1, 3) / x
    assert ratio.std(dim=3).max() < 1e-6
    assert ratio.std() > 1e-6
