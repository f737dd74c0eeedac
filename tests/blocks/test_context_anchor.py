from __future__ import annotations

import pytest
import torch

from yololab.blocks.context_anchor import ContextAnchor


def test_parameters_are_those_of_the_papers_layers():
    count = sum(parameter.numel() for parameter in ContextAnchor(16).parameters())
    assert count == 2 * (16 * 16 + 2 * 16) + 2 * (16 * 11 + 16)


def test_strips_reach_as_far_as_they_are_long_along_both_axes():
    module = ContextAnchor(4, length=5).eval()
    image = torch.zeros(1, 4, 21, 21)
    image[..., 10, 10] = 1
    context = module.v_conv(module.h_conv(image)) - module.v_conv(module.h_conv(torch.zeros_like(image)))
    rows, columns = (context.abs().sum(dim=(0, 1)) > 0).nonzero(as_tuple=True)
    assert (int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())) == (8, 12, 8, 12)


def test_a_closed_gate_passes_nothing_and_an_open_one_all():
    module, x = ContextAnchor(4).eval(), torch.rand(1, 4, 9, 9)
    with torch.no_grad():
        module.conv2.conv.weight.zero_()
        for bias, expected in ((-80.0, torch.zeros_like(x)), (80.0, x)):
            module.conv2.act = torch.nn.Identity()
            module.conv2.bn.bias.fill_(bias)
            torch.testing.assert_close(module(x), expected)


def test_an_even_length_is_refused():
    with pytest.raises(ValueError, match="must be odd, got 4"):
        ContextAnchor(8, length=4)
