from __future__ import annotations

import math

from yololab.report.pareto import MOST_LABELS, Point, frontier, pareto


def point(name, cost, score, spread=1.0):
    return Point(name, cost, score, spread)


def test_the_frontier_holds_what_no_other_beats():
    points = [point("a", 1, 50), point("b", 2, 49), point("c", 2, 55), point("d", 3, 55), point("e", 4, 60)]
    assert [p.name for p in frontier(points)] == ["a", "c", "e"]
    assert frontier([]) == []


def test_every_row_is_a_dot_and_unknown_ones_are_left_out():
    drawn = pareto([point("a", 1, 50), point("b", 2, 40, math.nan), point("c", math.nan, 40)], "parameters", "mAP")
    assert drawn.count("<circle") == 2
    assert drawn.count('class="beaten"') == 1
    assert ">a<" in drawn


def test_many_rows_have_no_labels_but_say_what_they_are():
    drawn = pareto([point(f"row {n}", n, n) for n in range(MOST_LABELS + 1)], "GFLOPs", "mAP")
    assert 'class="point' not in drawn
    assert "row 12: 12.0 at 12" in drawn
