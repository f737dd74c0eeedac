from __future__ import annotations

import pytest
import torch

from yololab.errors import ConfigError
from yololab.losses import MPDIoULoss

A, B = torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[5.0, 5, 15, 15]])


def test_corners_count_by_the_diagonal_of_the_image():
    assert MPDIoULoss(100)(A, B).item() == pytest.approx(1 - 25 / 175 + 100 / 20_000)
    assert MPDIoULoss((30, 40))(A, B).item() == pytest.approx(1 - 25 / 175 + 100 / 2500)


@pytest.mark.parametrize("size", [0, (3,), (1, -1)])
def test_an_image_without_a_size_is_refused(size):
    with pytest.raises(ConfigError, match="image_size"):
        MPDIoULoss(size)
