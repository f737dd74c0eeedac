from __future__ import annotations

import pytest
import torch

from yololab import attention
from yololab.attention.gam import channel_shuffle


def test_gams_channel_gate_is_unbounded_and_the_papers_is_not():
    x = 50 * torch.rand(1, 16, 4, 4)
    assert attention.GAM(16).channel_gate(x).abs().max() > 1
    gate = attention.PaperGAM(16).channel_gate(x)
    assert 0 <= gate.min() <= gate.max() <= 1


def test_grouping_divides_the_papers_gam_by_about_its_groups():
    dense, grouped = (
        sum(p.numel() for p in m.parameters()) for m in (attention.GAM(64), attention.PaperGAM(64, groups=4))
    )
    assert grouped < dense / 3


def test_channel_shuffle_interleaves_groups():
    x = torch.arange(6.0).view(1, 6, 1, 1)
    assert channel_shuffle(x, 2).flatten().tolist() == [0, 3, 1, 4, 2, 5]


def test_gam_refuses_groups_that_do_not_divide():
    with pytest.raises(ValueError, match="groups=4 must divide the channels"):
        attention.PaperGAM(18)
