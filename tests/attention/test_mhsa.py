from __future__ import annotations

import pytest
import torch

from yololab.attention import MHSA


def test_a_closed_projection_leaves_the_residual():
    module, x = MHSA(16), torch.rand(1, 16, 5, 5)
    for parameter in module.project.parameters():
        torch.nn.init.zeros_(parameter)
    assert torch.equal(module(x), x)


def test_every_pixel_hears_of_every_other():
    torch.manual_seed(0)
    module, x = MHSA(16), torch.rand(1, 16, 6, 6)
    changed = x.clone()
    changed[..., 0, 0] += torch.arange(16.0)
    assert not torch.isclose(module(x), module(changed))[..., 5, 5].all()


def test_heads_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="num_heads=4 must divide the channels, 18"):
        MHSA(18)
