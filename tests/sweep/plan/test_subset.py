from __future__ import annotations

import itertools

import pytest

from yololab.sweep.plan.subset import overlaps, subset


def effects(places, lengths):
    return {(tuple(sorted(a)), tuple(sorted(b))): share for a, b, share in overlaps(places, lengths)}


def test_a_full_factorial_keeps_everything_apart():
    assert effects(list(itertools.product(range(3), range(2), range(2))), (3, 2, 2)) == {}


def test_the_textbook_half_of_three_factors():
    places = [place for place in itertools.product(range(2), repeat=3) if sum(place) % 2 == 0]
    found = effects(places, (2, 2, 2))
    assert found == {
        ((0,), (1, 2)): pytest.approx(1),
        ((1,), (0, 2)): pytest.approx(1),
        ((2,), (0, 1)): pytest.approx(1),
    }


@pytest.mark.parametrize(("lengths", "reduction"), [((3, 2, 2), 2), ((3, 3, 3), 3), ((4, 3, 2), 2)])
def test_a_subset_is_balanced_and_holds_the_baseline(lengths, reduction):
    places = subset(lengths, reduction)
    total = 1
    for length in lengths:
        total *= length
    assert len(places) == len(set(places)) == total // reduction
    assert (0, 0, 0) in places
    for axis, length in enumerate(lengths):
        assert len({sum(place[axis] == level for place in places) for level in range(length)}) == 1


def test_main_effects_of_a_balanced_subset_do_not_overlap():
    found = effects(subset((3, 3, 3), 3), (3, 3, 3))
    assert not any(len(a) == len(b) == 1 for a, b in found)
