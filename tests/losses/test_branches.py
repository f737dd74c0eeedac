"""Branches of one-to-one heads: weights by epoch and assigners of their own."""

from __future__ import annotations

import pytest

from yololab.assigners import SimOTA, TaskAligned
from yololab.assigners.keep_best import KeepBest
from yololab.errors import ConfigError
from yololab.losses import DetectionLoss
from yololab.losses.box import CIoULoss
from yololab.losses.branches import branches_of

YOLO26 = {"one2many": {"weight": [0.8, 0.1]}, "one2one": {"weight": [0.2, 0.9], "top_k": 7, "keep": 1}}


def test_a_task_aligned_assigner_gets_other_counts_and_any_other_keeps_the_best():
    aligned = TaskAligned(least_side=16.0)
    found = branches_of(YOLO26, aligned)
    assert found["one2many"].assigner is aligned
    one = found["one2one"].assigner
    assert (one.top_k, one.keep, one.least_side) == (7, 1, 16.0)
    assert isinstance(branches_of(YOLO26, SimOTA(radius=2.5))["one2one"].assigner, KeepBest)
    assert branches_of(None, aligned) == {}


def test_weights_move_in_a_line_from_the_first_epoch_to_the_last():
    weights = {name: branch.weight for name, branch in branches_of(YOLO26, TaskAligned()).items()}
    loss = DetectionLoss(CIoULoss(), TaskAligned(), {}, weights)
    for epoch, expected in ((0, 0.8), (50, 0.8 - 0.7 * 50 / 99), (99, 0.1), (200, 0.1)):
        loss.set_epoch(epoch, 100)
        assert loss.weight_of("one2many") == pytest.approx(expected)
        assert loss.weight_of("one2one") == pytest.approx(1 - expected)
    loss.set_epoch(0, 1)
    assert loss.weight_of("one2many") == 0.8
    assert loss.weight_of("main") == 1.0


def test_an_unknown_key_is_refused():
    with pytest.raises(ConfigError, match="loss.branches.one2one: there is no 'topk'; did you mean 'top_k'"):
        branches_of({"one2one": {"topk": 1}}, TaskAligned())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"one2won": {"weight": 3}}, "there is no branch 'one2won'; did you mean 'one2one'"),
        ({"one2one": 5}, "one2one=5: expected a mapping"),
        *(
            ({"one2one": {"weight": weight}}, "expected a number from 0, or")
            for weight in ("abc", [1], None, [1, 2, 3], -1, True)
        ),
        *(({"one2one": {"top_k": count}}, "expected a whole number from 1") for count in (0, "x", 1.5, True)),
    ],
)
def test_what_is_no_weight_or_count_is_refused(given, message):
    with pytest.raises(ConfigError, match=message):
        branches_of(given, TaskAligned())
