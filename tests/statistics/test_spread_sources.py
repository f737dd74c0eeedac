from __future__ import annotations

import numpy as np
import pytest

from yololab.statistics.spread_sources import sources_of


def crossed(rows, seeds, *, start, order, rest, generator):
    table = start * generator.normal(size=(rows, 1)) + order * generator.normal(size=(1, seeds))
    table = table + rest * generator.normal(size=(rows, seeds))
    return {str(i): {j: float(table[i, j]) for j in range(seeds)} for i in range(rows)}


def test_of_many_levels_each_part_is_found():
    found = sources_of(crossed(300, 200, start=3.0, order=1.0, rest=2.0, generator=np.random.default_rng(0)))
    assert found is not None
    assert found.rows == pytest.approx(3.0, rel=0.1)
    assert found.seeds == pytest.approx(1.0, rel=0.12)
    assert found.rest == pytest.approx(2.0, rel=0.02)


def test_variances_are_right_on_average_even_with_four_of_each():
    generator = np.random.default_rng(1)
    many = [sources_of(crossed(4, 4, start=3.0, order=3.0, rest=0.5, generator=generator)) for _ in range(2000)]
    assert np.mean([one.rows**2 for one in many]) == pytest.approx(9, rel=0.08)
    assert np.mean([one.seeds**2 for one in many]) == pytest.approx(9, rel=0.08)
    assert np.mean([one.rest**2 for one in many]) == pytest.approx(0.25, rel=0.05)


def test_a_table_of_two_by_three_by_hand():
    """Means of rows 2 and 5, of columns 2, 3.5 and 5; residuals of 0, 0.5 and 0.5."""
    found = sources_of({"a": {0: 0.5, 1: 2.5, 2: 3.0}, "b": {0: 3.5, 1: 4.5, 2: 7.0}})
    assert found is not None
    assert found.rest**2 == pytest.approx(0.5)
    assert found.rows**2 == pytest.approx(4.5 - 0.5 / 3)
    assert found.seeds**2 == pytest.approx(2.25 - 0.5 / 2)


@pytest.mark.parametrize(
    "values",
    [{"a": {0: 1.0, 1: 2.0}}, {"a": {0: 1.0}, "b": {0: 2.0}}, {"a": {0: 1.0, 1: 2.0}, "b": {0: 1.0, 2: 2.0}}],
)
def test_what_is_not_crossed_says_nothing(values):
    assert sources_of(values) is None
