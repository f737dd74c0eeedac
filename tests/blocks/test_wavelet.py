"""Haar downsampling: nothing is lost."""

from __future__ import annotations

import torch

from yololab.blocks.wavelet import HWD, haar


def test_the_bands_of_one_square():
    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    assert haar(x).flatten().tolist() == [5.0, -1.0, -2.0, 0.0]


def test_the_transform_is_orthonormal():
    x = torch.randn(2, 3, 8, 6)
    torch.testing.assert_close(haar(x).square().sum(), x.square().sum())
    assert haar(x).shape == (2, 12, 4, 3)


def test_half_the_size_at_the_width_that_is_asked_for():
    assert HWD(8, channels=24).eval()(torch.rand(1, 8, 8, 4)).shape == (1, 24, 4, 2)
