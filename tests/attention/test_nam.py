from __future__ import annotations

import torch

from yololab.attention import NAM


def test_channels_weigh_by_the_share_of_their_scale():
    x, module = torch.randn(2, 4, 3, 3), NAM(4).eval()
    with torch.no_grad():
        module.bn2.weight.copy_(torch.tensor([1.0, -3, 0, 4]))
    shares = torch.tensor([0.125, 0.375, 0, 0.5]).view(1, 4, 1, 1)
    torch.testing.assert_close(module(x), x * (module.bn2(x) * shares).sigmoid())
