from __future__ import annotations

import numpy as np
import pytest

from yololab.data import ShapesSource
from yololab.data.batch import collate
from yololab.data.dataset import EvalDataset


@pytest.fixture(scope="module")
def shapes():
    return ShapesSource(train=24, val=8, size=96).read("train")


def test_collate_pads_to_the_most_boxes_however_many(shapes):
    dataset = EvalDataset(shapes, image_size=64)
    items = [dataset[i] for i in range(3)]
    crowded = items[0].__class__(
        items[0].image, np.tile([[1, 2, 9, 9]], (250, 1)), np.zeros(250, np.int64), None, 0, None
    )
    batch = collate([*items, crowded])
    assert batch.targets.boxes_xyxy.shape == (4, 250, 4)
    assert batch.targets.valid.sum(1).tolist() == [*(len(i.labels) for i in items), 250]
