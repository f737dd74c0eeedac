from __future__ import annotations

import pytest
import torch

from yololab.attention import ECA, MLCA


def test_without_a_local_share_it_is_eca_of_the_cells_mean():
    x, module = torch.rand(2, 16, 10, 10), MLCA(16, local_weight=0.0)
    eca = ECA(16, kernel_size=module.conv.kernel_size[0])
    eca.conv.load_state_dict(module.conv.state_dict())
    torch.testing.assert_close(module(x), eca(x))


@pytest.mark.parametrize(("channels", "kernel_size"), [(16, 3), (64, 3), (256, 5), (24, 3)])
def test_the_kernel_grows_with_the_logarithm_of_the_channels(channels, kernel_size):
    assert MLCA(channels).conv.kernel_size == (kernel_size,)
