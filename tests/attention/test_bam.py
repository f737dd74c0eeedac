from __future__ import annotations

import torch

from yololab.attention import BAM


def test_the_gate_is_one_plus_a_sigmoid_of_channels_and_places():
    x, module = torch.rand(2, 16, 6, 6), BAM(16).eval()
    gate = module(x) / x
    assert gate.min() > 1
    assert gate.max() < 2
    means = module.channel_bn(module.channel(x.mean(dim=(2, 3)))[:, :, None, None])
    torch.testing.assert_close(gate, 1 + (means + module.spatial(x)).sigmoid())
