from __future__ import annotations

import math

import pytest

from yololab.pages.scales import Axis, axis_over


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-4.2, 6.1, ["-2.5", "0.0", "2.5", "5.0"]),
        (2.02122, 2.0214, ["2.02125", "2.02130", "2.02135", "2.02140"]),
        (3_000_000, 3_090_000, ["3.00M", "3.02M", "3.04M", "3.06M", "3.08M"]),
        (12_000, 52_000, ["20k", "30k", "40k", "50k"]),
        (1, 30, ["10", "20", "30"]),
    ],
)
def test_ticks_are_round_told_apart_and_within(low, high, expected):
    axis = Axis(low, high, 0, 100)
    found = axis.ticks(5)
    assert [text for _, text in found] == expected
    assert all(-1e-6 <= axis(value) <= 100 + 1e-6 for value, _ in found)


def test_values_lie_where_their_share_says_in_both_directions():
    assert [Axis(0, 10, 100, 200)(value) for value in (0, 5, 10)] == [100, 150, 200]
    assert [Axis(0, 10, 200, 100)(value) for value in (0, 5, 10)] == [200, 150, 100]


@pytest.mark.parametrize("values", [[], [math.nan], [0.0], [5.0, 5.0], [1, 2, math.inf]])
def test_an_axis_can_be_made_over_anything(values):
    axis = axis_over(values, 0, 100)
    assert axis.high > axis.low
    assert axis.ticks()


def test_seeds_and_epochs_are_whole():
    assert [text for _, text in Axis(2, 12, 0, 100, whole=True).ticks()] == ["2", "4", "6", "8", "10", "12"]
    assert [text for _, text in Axis(1, 2, 0, 100, whole=True).ticks()] == ["1", "2"]
