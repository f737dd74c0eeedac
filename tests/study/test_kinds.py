from __future__ import annotations

import pytest

from study.case import record
from yololab.study.kinds import attention_of, kind_of
from yololab.study.rows import group_rows


@pytest.mark.parametrize(
    ("science", "kind", "shown"),
    [
        ({}, None, None),
        ({"insert_pos": {"placebo": False}, "match": None}, None, None),
        ({"insert_pos": {"placebo": True}}, "placebo", "gam (placebo)"),
        ({"insert_pos": {"placebo": "layers"}}, "placebo", "gam (placebo)"),
        ({"insert_pos": {"placebo": "random_gate"}}, "random gate", "gam (random gate)"),
        ({"attention": {"_target_": None}, "insert_pos": {"placebo": True}}, None, None),
        ({"attention": {"_target_": None}, "match": "gflops"}, None, None),
        ({"match": "gflops"}, "widened baseline", "widened baseline (gam left out, equal gflops)"),
    ],
)
def test_a_control_is_called_what_it_is(science, kind, shown):
    one = record(0, 0.5, science=science, attention="gam")
    assert (kind_of(one), attention_of(one)) == (kind, shown)


def test_controls_need_no_column_of_their_own():
    rows = [
        record(0, 0.5, science={"insert_pos": {"placebo": placebo}, "match": match}, attention="gam")
        for placebo, match in ((False, None), (True, None), ("random_gate", None), (False, "gflops"))
    ]
    for number, one in enumerate(rows):
        one.complexity["fingerprint"] = str(number)
    grouping = group_rows(rows)
    assert grouping.columns == ("attention",)
    assert len(grouping.rows) == 4
