from __future__ import annotations

from assigners.case import predictions, targets
from yololab.assigners import Static


def test_static_takes_the_cell_and_its_two_nearest_neighbours():
    # Centre (44, 37), side 16: level of stride 8 (a = 32, ratio 2); x = 5.5 -> right of cell 5, y = 4.625 -> below 4.
    got = Static(max_ratio=2.5)(predictions(), targets([(1, 36, 29, 52, 45)]))
    cells = [(int(i) % 16, int(i) // 16) for i in got.positive[0].nonzero()]
    assert sorted(cells) == [(5, 4), (5, 5), (6, 4)]


def test_static_learns_a_box_that_fits_no_level_at_the_nearest():
    got = Static(max_ratio=1.5)(predictions(), targets([(1, 60, 60, 62, 100)]))
    strides = predictions().strides[got.positive[0]]
    assert strides.unique().tolist() == [8]


def test_static_gives_a_contested_point_to_the_smaller_box():
    got = Static(max_ratio=8.0)(predictions(), targets([(0, 20, 20, 68, 68), (1, 34, 34, 54, 54)]))
    cell = 5 * 16 + 5
    assert got.positive[0, cell]
    assert got.box_index[0, cell] == 1
