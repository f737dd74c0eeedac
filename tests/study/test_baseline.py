from __future__ import annotations

import pytest

from study.case import record
from yololab.errors import ConfigError
from yololab.study.baseline import choose_baseline, places_of
from yololab.study.rows import group_rows


def test_the_plain_row_is_the_baseline_without_a_word():
    rows = group_rows([record(0, 0.5, attention=a) for a in ("cbam", "none")]).rows
    assert choose_baseline(rows, None) == (0, None)
    assert rows[0].choices == {"attention": "none"}


def test_a_key_that_all_rows_share_may_name_the_baseline():
    width = {"scale": {"width": 0.125}, "loss": None}
    records = [record(seed, 0.5, science=width, attention=name) for seed in (0, 1) for name in ("none", "eca")]
    rows = group_rows(records).rows
    place = -1
    for value in (0.125, "0.125"):
        (place,) = places_of(rows, {"attention": "eca", "scale.width": value})
        assert choose_baseline(rows, {"attention": "eca", "scale.width": value}) == (place, None)
    with pytest.raises(ConfigError, match=r"baseline attention=eca, scale.width=0.25: no row of the table has these"):
        choose_baseline(rows, {"attention": "eca", "scale.width": "0.25"})
    assert places_of(rows, {"attention": "eca", "loss": "ciou"}) == [place], "nothing is said of it in any row"
    assert places_of(rows, {"no_such_key": "None"}) == []
