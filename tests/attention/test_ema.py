from __future__ import annotations

import pytest
import torch

from yololab.attention import EMA


def test_groups_do_not_see_each_other():
    torch.manual_seed(0)
    module, x = EMA(32, groups=4), torch.rand(1, 32, 6, 6)
    changed = x.clone()
    changed[:, :8] += 1
    same = [torch.equal(module(x)[:, 8 * g : 8 * g + 8], module(changed)[:, 8 * g : 8 * g + 8]) for g in range(4)]
    assert same == [False, True, True, True]


def test_all_channels_of_a_group_share_their_gate():
    torch.manual_seed(0)
    module, x = EMA(16, groups=2), torch.rand(1, 16, 5, 7) + 0.1
    gate = (module(x) / x).view(2, 8, 5, 7)
    torch.testing.assert_close(gate, gate[:, :1].expand_as(gate))


def test_groups_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="groups=8 must divide the channels, 12"):
        EMA(12)
