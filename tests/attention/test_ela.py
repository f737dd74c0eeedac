from __future__ import annotations

import pytest
import torch

from yololab.attention import ELA, PointwiseELA


@pytest.mark.parametrize("block", [ELA, PointwiseELA])
def test_the_gate_is_a_product_of_rows_and_columns_by_one_layer(block):
    x, module = torch.rand(1, 32, 6, 6), block(32)
    gate = module(x)[0] / x[0]
    rows, columns = gate[:, :, :1], gate[:, :1, :]
    torch.testing.assert_close(gate * gate[:, :1, :1], rows * columns, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(module(x.transpose(2, 3)), module(x).transpose(2, 3))  # the same layer serves both axes
