from __future__ import annotations

import pytest

from yololab.data import ShapesSource
from yololab.data.eval_loader import eval_loader

EVALUATION = {"shrink": "area"}


@pytest.mark.parametrize("rectangular", [False, True])
@pytest.mark.parametrize("world_size", [1, 2])
def test_every_image_is_judged_once_whoever_judges_it(rectangular, world_size):
    data = ShapesSource(train=1, val=7, size=64).read("val")
    seen = []
    for rank in range(world_size):
        loader = eval_loader(
            data, evaluation=EVALUATION, image_size=64, batch_size=4, stride=32, rectangular=rectangular,
            world_size=world_size, rank=rank,
        )  # fmt: skip
        seen += [index for batch in loader for index in batch.indices]
    assert sorted(seen) == list(range(7))


def test_batches_are_twice_as_large_where_they_are_rectangles():
    data = ShapesSource(train=1, val=8, size=64).read("val")
    sizes = {}
    for rectangular in (False, True):
        loader = eval_loader(
            data, evaluation=EVALUATION, image_size=64, batch_size=2, stride=32, rectangular=rectangular
        )
        sizes[rectangular] = [len(batch.indices) for batch in loader]
    assert sizes == {False: [2, 2, 2, 2], True: [4, 4]}
