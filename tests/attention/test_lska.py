from __future__ import annotations

import pytest
import torch

from yololab.attention import LSKA


@pytest.mark.parametrize(("kernel_size", "reach"), [(7, 3), (11, 5), (23, 11)])
def test_a_point_is_felt_as_far_as_the_kernel_reaches(kernel_size, reach):
    module = LSKA(1, kernel_size=kernel_size).eval()
    for conv in (module.conv0h, module.conv0v, module.conv_spatial_h, module.conv_spatial_v, module.conv1):
        torch.nn.init.ones_(conv.weight)
        torch.nn.init.zeros_(conv.bias)
    x = torch.zeros(1, 1, 31, 31)
    x[..., 15, 15] = 1
    wide = module.conv_spatial_v(module.conv_spatial_h(module.conv0v(module.conv0h(x))))
    rows = wide[0, 0].sum(dim=1).nonzero().flatten()
    assert (int(rows.min()), int(rows.max())) == (15 - reach, 15 + reach)


def test_a_kernel_that_cannot_be_made_so_is_refused():
    with pytest.raises(ValueError, match="expected one of 7, 11, 23, 35, 41, 53"):
        LSKA(8, kernel_size=9)
