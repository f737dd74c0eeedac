from __future__ import annotations

from yololab.sweep.duration import duration


def test_durations_are_told_in_the_unit_that_fits():
    assert [duration(s) for s in (4, 100, 9000, 200_000)] == ["4 s", "2 min", "2.5 h", "2.3 days"]
