from __future__ import annotations

import pytest

from yololab.assigners import ATSS, TaskAligned, WarmUp
from yololab.errors import ConfigError

FIRST = {"_target_": "yololab.assigners.ATSS", "top_k": 5}
THEN = {"_target_": "yololab.assigners.TaskAligned", "top_k": 13}


def test_the_epoch_decides_who_assigns():
    both = WarmUp(FIRST, THEN, epochs=2)
    assert isinstance(both.first, ATSS)
    assert isinstance(both.then, TaskAligned)
    assert (both.first.top_k, both.then.top_k) == (5, 13)
    found = []
    for epoch in (0, 1, 2, 3, 0):
        both.set_epoch(epoch)
        found.append(both._present is both.first)
    assert found == [True, True, False, False, True]


def test_without_warm_up_it_is_the_other_from_the_start():
    assert WarmUp(FIRST, THEN, epochs=0)._present.top_k == 13


def test_what_is_no_assigner_is_named():
    with pytest.raises(ConfigError, match=r"assigner\.first"):
        WarmUp({"_target_": "yololab.losses.IoULoss"}, THEN)
