from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from yololab.training.epoch_sums import EpochSums

ALONE = SimpleNamespace(reduce=lambda tensor, reduce_op: tensor)
TWO_ALIKE = SimpleNamespace(reduce=lambda tensor, reduce_op: 2 * tensor)
CPU = torch.device("cpu")


def filled():
    sums = EpochSums()
    sums.add({"box": torch.tensor(1.0), "cls": torch.tensor(2.0)}, images=8)
    sums.add({"box": torch.tensor(4.0), "cls": torch.tensor(8.0)}, images=4)
    return sums


@pytest.mark.parametrize("ranks", [ALONE, TWO_ALIKE])
def test_means_are_over_images_not_batches(ranks):
    assert filled().means(ranks) == {"box": 2.0, "cls": 4.0, "loss": 6.0}


def test_an_epoch_that_was_cut_goes_on_from_what_all_ranks_had():
    kept = filled().joined(TWO_ALIKE)
    first, further = EpochSums(), EpochSums()
    first.restore(kept, is_first=True, device=CPU)
    further.restore(kept, is_first=False, device=CPU)
    assert float(first.joined(ALONE)["images"]) == 24.0
    assert float(further.joined(ALONE)["images"]) == 0.0
    assert first.means(ALONE) == {"box": 2.0, "cls": 4.0, "loss": 6.0}


def test_an_epoch_begins_with_nothing():
    sums = filled()
    sums.clear()
    assert sums.means(ALONE) == {}
    assert sums.joined(ALONE) == {}
