from __future__ import annotations

import math

import pytest

from yololab.study.statistics import holm, paired_difference, summarise


def test_one_seed_has_no_spread_and_no_interval():
    assert math.isnan(summarise([0.5]).std)
    difference = paired_difference({0: 0.6}, {0: 0.5, 1: 0.4})
    assert (difference.count, math.isnan(difference.half_width)) == (1, True)
    assert paired_difference({3: 0.6}, {0: 0.5}) is None


def test_holm_multiplies_by_what_is_left_and_never_falls():
    # Smallest x 4, next x 3, and so on; 0.03 x 2 = 0.06 and 0.04 x 1 is lifted to it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    adjusted = holm([math.nan, 0.02])
    assert math.isnan(adjusted[0])
    assert adjusted[1] == 0.02
