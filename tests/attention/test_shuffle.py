from __future__ import annotations

import pytest
import torch

from yololab.attention import ShuffleAttention


def test_at_the_start_it_weighs_all_alike_and_shuffles_halves_together():
    x, module = torch.rand(1, 16, 3, 3), ShuffleAttention(16, groups=4)
    order = [channel + half for channel in range(8) for half in (0, 8)]  # a channel of each half in turn
    torch.testing.assert_close(module(x), x[:, order] * torch.tensor(1.0).sigmoid())


def test_channels_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="24 channels are no multiple of 16"):
        ShuffleAttention(24, groups=8)
