"""Layouts: weights of cells by hand, terms that can and cannot be told."""

import pytest

from yololab.statistics.layout import layout_of

SQUARE = {a + b: {"a": a, "b": b} for b in "01" for a in "01"}


def test_cells_average_over_what_they_do_not_name():
    layout = layout_of(list(SQUARE), SQUARE)
    assert layout.kept == ((), ("a",), ("b",), ("a", "b"))
    assert layout.weights({}) == pytest.approx([0.25] * 4)
    assert layout.weights({"a": "1"}) == pytest.approx([0, 0.5, 0, 0.5], abs=1e-12)
    assert layout.weights({"a": "1", "b": "0"}) == pytest.approx([0, 1, 0, 0], abs=1e-12)


def test_differences_are_against_the_first_levels():
    layout = layout_of(list(SQUARE), SQUARE)
    assert layout.difference({"b": "1"}) == pytest.approx([-0.5, -0.5, 0.5, 0.5])
    assert layout.difference({"a": "1", "b": "1"}) == pytest.approx([1, -1, -1, 1])


def test_an_unbalanced_layout_still_weighs_levels_equally():
    rows = [*SQUARE, "11 again"]
    factors = {**SQUARE, "11 again": SQUARE["11"]}
    assert layout_of(rows, factors).weights({"a": "1"}) == pytest.approx([0, 0.5, 0, 0.25, 0.25], abs=1e-12)


def test_a_factor_of_one_level_is_no_term():
    factors = {row: {**point, "c": "same"} for row, point in SQUARE.items()}
    assert layout_of(list(SQUARE), factors).kept == ((), ("a",), ("b",), ("a", "b"))


def test_a_term_left_out_moves_the_contrasts_that_see_it():
    rows = ["00", "10", "01"]
    layout = layout_of(rows, SQUARE)
    assert layout.left == (("a", "b"),)
    assert layout.aliases(layout.difference({"a": "1"})) == (("a", "b"),)
