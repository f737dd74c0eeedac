from __future__ import annotations

import math

from yololab.report.training_curves import MOST_ROWS, Curve, curves

TWO = Curve("eca", [{1: 1.0, 2: 3.0, 3: 5.0}, {1: 3.0, 2: 3.0, 4: 9.0}])


def test_a_band_holds_the_epochs_that_all_seeds_have():
    assert TWO.band() == [(1, 1.0, 2.0, 3.0), (2, 3.0, 3.0, 3.0)]
    assert Curve("x", []).band() == []
    assert Curve("x", [{1: math.nan, 2: 1.0}]).band() == [(2, 1.0, 1.0, 1.0)]


def test_rows_have_a_line_each_a_band_where_seeds_differ_and_a_legend():
    drawn = curves([TWO, Curve("none", [{1: 1.0, 2: 2.0}])], "mAP")
    assert drawn.count('class="curve') == 2
    assert drawn.count('class="band') == 1
    assert "</i>eca</span>" in drawn


def test_nothing_is_drawn_of_nothing_and_of_many_the_first():
    assert curves([Curve("x", [{1: 1.0}])], "mAP") == ""
    assert "3 further rows are not drawn" in curves([TWO] * (MOST_ROWS + 3), "mAP")
