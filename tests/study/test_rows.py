from __future__ import annotations

from study.case import record
from yololab.study.rows import group_rows


def study():
    return [
        record(0, 0.50, attention="none"),
        record(1, 0.54, attention="none"),
        record(0, 0.55, attention="cbam"),
        record(1, 0.57, attention="cbam"),
    ]


def test_seeds_make_one_row_and_the_plain_choice_is_the_baseline():
    rows = group_rows(study())
    assert [row.label for row in rows] == ["attention=none", "attention=cbam"]
    assert [list(row.records) for row in rows] == [[0, 1], [0, 1]]


def test_a_key_that_differs_between_equal_choices_sets_rows_apart():
    records = [record(0, 0.5, science={"recipe": {"lr": lr, "momentum": 0.9}}, attention="none") for lr in (0.01, 0.02)]
    assert [dict(row.choices) for row in group_rows(records)] == [{"recipe.lr": "0.01"}, {"recipe.lr": "0.02"}]


def test_what_differs_because_of_a_choice_is_told_by_the_choice():
    records = [
        record(0, 0.5, science={"attention": {"_target_": "A", "k": 3}}, attention="eca"),
        record(0, 0.5, science={"attention": {"_target_": "B", "rate": 4}}, attention="gam"),
    ]
    assert [dict(row.choices) for row in group_rows(records)] == [{"attention": "eca"}, {"attention": "gam"}]
