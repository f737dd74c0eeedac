from __future__ import annotations

import math

import pytest
import torch

from yololab.attention import SimAM


def test_a_pixel_that_stands_out_is_gated_by_equation_5():
    x = torch.zeros(1, 1, 1, 3)
    x[..., 2] = 3.0
    # Mean 1, distances 1, 1, 4 squared, variance 6 / 2 = 3: gate of the last sigmoid(4 / 12 + 1 / 2).
    gate = 1 / (1 + math.exp(-(4 / 12 + 0.5)))
    assert SimAM(1, energy_lambda=0.0)(x)[0, 0, 0, 2].item() == pytest.approx(3 * gate)


def test_it_has_no_parameters_and_gates_a_flat_channel_alike():
    module, x = SimAM(4), torch.ones(1, 4, 5, 5)
    assert list(module.parameters()) == []
    torch.testing.assert_close(module(x), x / (1 + math.exp(-0.5)))
