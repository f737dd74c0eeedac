from __future__ import annotations

import math

from yololab.report.breakdown import MOST_PARTS, Breakdown, breakdown


def test_values_stand_above_their_difference_to_the_first_row():
    shown = Breakdown(("bar", "<disc>"), {"none": [50.0, 40.0], "eca": [51.25, math.nan]})
    drawn = breakdown(shown, "Classes", "told", "AP by class")
    assert "<td class=n>50.0</td>" in drawn
    assert "<td class=n>51.2<small>+1.2</small></td>" in drawn
    assert "<td class=n>–</td>" in drawn
    assert "&lt;disc&gt;" in drawn


def test_parts_that_nothing_is_known_of_are_left_out():
    assert Breakdown(("a", "b"), {"x": [math.nan, 1.0], "y": [math.nan, math.nan]}).known().parts == ("b",)
    assert breakdown(Breakdown(("a",), {"x": [math.nan]}), "", "", "") == ""


def test_very_many_parts_are_cut_and_it_says_so():
    many = Breakdown(tuple(map(str, range(MOST_PARTS + 3))), {"none": [1.0] * (MOST_PARTS + 3)})
    drawn = breakdown(many, "Classes", "told.", "")
    assert drawn.count("scope=col") == MOST_PARTS
    assert "3 further ones are not shown" in drawn
