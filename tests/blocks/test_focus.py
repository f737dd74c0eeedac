from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab.blocks import Focus


@pytest.mark.parametrize("args", [{"channels": 24}], ids=str)
class TestFocus(BlockContract):
    block = Focus


def test_pixels_of_a_square_stand_in_the_order_of_the_reference():
    block = Focus(1, channels=4, kernel_size=1).eval()
    block.conv = torch.nn.Identity()
    image = torch.tensor([[0.0, 1.0], [2.0, 3.0]])[None, None]
    assert block(image).flatten().tolist() == [0, 2, 1, 3]  # upper left, lower left, upper right, lower right
