from __future__ import annotations

from dataclasses import replace

from study.case import record
from yololab.study.apart import alike
from yololab.study.rows import group_rows


def test_places_that_agree_in_all_columns_are_together():
    assert alike([{"a": "1"}, {"a": "2"}, {"a": "1", "b": "3"}], ["a"]) == [[0, 2], [1]]


def test_another_class_behind_the_same_choice_is_another_row():
    """attention._target_=my.A leaves the choice as it was; the graphs differ."""
    plain = record(0, 0.5, science={"attention": {"_target_": None}}, attention="none")
    mine = record(0, 0.6, science={"attention": {"_target_": "my.A"}}, attention="none")
    mine = replace(mine, complexity={**mine.complexity, "fingerprint": "f1"})
    rows = group_rows([plain, mine]).rows
    assert [dict(row.choices) for row in rows] == [{"attention._target_": "null"}, {"attention._target_": "my.A"}]


def test_a_key_that_is_written_after_another_is_told_once():
    """timm.name=x is also the node's argument, by interpolation."""
    rows = []
    for number, name in enumerate(("convnext_atto", "resnet10t")):
        science = {"timm": {"name": name}, "backbone": {"nodes": {"features": {"model_name": name}}}}
        one = record(0, 0.5 + number / 10, science=science, backbone="timm")
        rows.append(replace(one, complexity={**one.complexity, "fingerprint": f"f{number}"}))
    assert [dict(row.choices) for row in group_rows(rows).rows] == [
        {"timm.name": "convnext_atto"},
        {"timm.name": "resnet10t"},
    ]
