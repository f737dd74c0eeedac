from __future__ import annotations

import numpy as np
import pytest

from yololab.training.steps import Accumulation


def steps_of_the_references(batches, warmup, batch_size, nominal):
    """YOLOv5's rule as facts: a ramp over the warm-up, a step when that many batches lie behind the last one."""
    last, wait, found = -1, max(round(nominal / batch_size), 1), []
    for number in range(batches):
        if number <= warmup:
            wait = max(1, int(np.interp(number, [0, warmup], [1, nominal / batch_size]).round()))
        if number - last >= wait:
            found.append(number)
            last = number
    return found


def steps_of(accumulation, batches, warmup):
    waiting, found = 0, []
    for number in range(batches):
        waiting += 1
        if waiting >= accumulation.at(number, warmup):
            found.append(number)
            waiting = 0
    return found


@pytest.mark.parametrize("batch_size", [2, 8, 16, 24, 48, 64, 128])
@pytest.mark.parametrize("warmup", [1, 39, 100, 1000])
def test_steps_fall_where_the_references_take_them(batch_size, warmup):
    found = steps_of(Accumulation("nominal", batch_size, 64), 400, warmup)
    assert found == steps_of_the_references(400, warmup, batch_size, 64)


def test_a_number_is_kept_from_the_start():
    assert steps_of(Accumulation(3, 16, 64), 9, 100) == [2, 5, 8]
    assert steps_of(Accumulation("nominal", 16, 64), 9, 0) == [3, 7]
