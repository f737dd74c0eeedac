"""Sign flips: counted by hand, bounded by 2 / 2^n."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yololab.statistics.exact import sign_flip_p, smallest_p


def test_three_seeds_of_one_sign_give_a_quarter():
    assert sign_flip_p([0.1, 0.2, 0.3]) == 0.25 == smallest_p(3)


def test_patterns_are_counted_as_by_hand():
    # sums of +-1 +-2 +-3: |6| twice, |4| twice, |2| twice, |0| twice; found: 1 + 2 - 3 = 0, and 3 + 2 - 1 = 4
    assert sign_flip_p([1, 2, -3]) == 1.0
    assert sign_flip_p([-1, 2, 3]) == 0.5


def test_ties_but_for_rounding_count():
    assert sign_flip_p([0.1, 0.2, -0.3, 0.1 + 0.2 - 0.3 + 0.1]) == sign_flip_p([1, 2, -3, 1])


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=10))
def test_p_lies_between_its_smallest_and_one(differences):
    assert smallest_p(len(differences)) <= sign_flip_p(differences) <= 1.0
    assert sign_flip_p(differences) == sign_flip_p([-value for value in differences])


def test_twenty_are_enumerated_and_more_are_not():
    assert sign_flip_p(np.ones(20)) == pytest.approx(2 / 2**20)
    assert math.isnan(sign_flip_p(np.ones(21)))
    assert math.isnan(sign_flip_p([]))
    assert math.isnan(smallest_p(0))
