from __future__ import annotations

import torch
from torch.nn import functional as F

from yololab.attention import ParNetAttention


def test_three_paths_are_added_before_the_activation():
    x, module = torch.randn(2, 8, 5, 5), ParNetAttention(8).eval()
    for conv in (module.conv1x1[0], module.conv3x3[0], module.sse[1]):
        torch.nn.init.zeros_(conv.weight)
        torch.nn.init.zeros_(conv.bias)
    torch.testing.assert_close(module(x), F.silu(x / 2))
