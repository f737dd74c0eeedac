from __future__ import annotations

import pytest

from yololab.graph.scale import Scale, make_divisible


@pytest.mark.parametrize(("value", "expected"), [(1, 8), (8, 8), (8.1, 16), (63.9, 64)])
def test_channels_are_rounded_up_to_eights(value, expected):
    assert make_divisible(value) == expected


def test_the_cap_comes_before_the_width():
    scale = Scale(depth=0.67, width=0.75, max_channels=768)
    assert scale.channels(1024) == 576
    assert scale.channels(64) == 48


def test_what_neither_width_nor_cap_changes_stays_as_it_is():
    assert Scale(max_channels=512).channels(180) == 180
    assert Scale().channels(180) == 180


def test_repeats_are_rounded_and_at_least_one():
    assert [Scale(depth=0.33).repeats(n) for n in (1, 2, 3, 6, 12)] == [1, 1, 1, 2, 4]


def test_only_widths_and_depths_are_scaled():
    args = {"channels": 64, "splits": [64, 128], "repeats": 6, "kernel_size": 3, "hidden": None}
    assert Scale(depth=0.5, width=0.5).apply(args) == {
        "channels": 32,
        "splits": [32, 64],
        "repeats": 3,
        "kernel_size": 3,
        "hidden": None,
    }


def test_a_scale_may_give_a_block_arguments_of_its_own():
    scale = Scale(args={"C3k2": {"c3k": True}})
    assert scale.apply({"channels": 64}, "C3k2") == {"channels": 64, "c3k": True}
    assert scale.apply({"channels": 64}, "C2f") == {"channels": 64}
