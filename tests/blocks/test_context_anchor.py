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


@pytest.mark.parametrize(("plain", "least"), [(True, 0.0), (False, 0.43)])
def test_a_gate_closes_as_far_as_what_stands_before_it_allows(plain, least):
    """Behind SiLU, which yields no less than -0.28, a sigmoid is no less than 0.43."""
    module, x = ContextAnchor(4, plain=plain).eval(), torch.rand(1, 4, 9, 9)
    last = module.conv2 if plain else module.conv2.conv
    with torch.no_grad():
        last.weight.zero_()
        found = []
        for bias in (-80.0, -1.2785, 80.0):  # the second is where SiLU is least
            (module.conv2 if plain else module.conv2.bn).bias.fill_(bias)
            found.append(float(module.gate(x).mean()))
    assert min(found) == pytest.approx(least, abs=0.005)
    assert found[-1] == pytest.approx(1.0)
    torch.testing.assert_close(module(x), x * module.gate(x))


def test_an_even_length_is_refused():
    with pytest.raises(ValueError, match="must be odd, got 4"):
        ContextAnchor(8, length=4)
