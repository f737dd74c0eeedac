from __future__ import annotations

from study.case import record
from yololab.study.row_names import RowNames
from yololab.study.table import build_table


def test_a_row_is_called_by_as_few_choices_as_tell_it_apart():
    records = [
        record(seed, 0.5, attention=attention, loss=loss, head="detect" if attention == "none" else "effide")
        for attention, loss in (("none", "ciou"), ("eca", "ciou"), ("eca", "siou"))
        for seed in (0, 1)
    ]
    table = build_table(records)
    names = RowNames(table)
    assert [names.of(result) for result in table.results] == ["none, ciou", "eca, ciou", "eca, siou"]
    alone = build_table([record(0)])
    assert RowNames(alone).of(alone.results[0]) == "all runs"


def test_what_a_default_is_depends_on_the_model_which_is_named_with_it():
    rows = (("yolov8", "c2f"), ("yolov8_ghost", "default"), ("yolov8", "c2f_dynamic"))
    table = build_table([record(seed, 0.5, model=model, block=block) for model, block in rows for seed in (0, 1)])
    names = RowNames(table)
    assert sorted(names.of(result) for result in table.results) == [
        "yolov8, c2f",
        "yolov8, c2f_dynamic",
        "yolov8_ghost, default",
    ]


def test_numbers_and_switches_are_told_with_the_last_word_of_their_key():
    rows = [
        record(seed, 0.5 + width, science={"replica": replica, "recipe": {"lr": width, "fast": replica > 0}})
        for replica in (0, 1)
        for width in (0.1, 0.2)
        for seed in (0, 1)
    ]
    names = RowNames(build_table(rows))
    assert {names.of(result) for result in build_table(rows).results} == {
        "fast=false, lr=0.1",
        "fast=false, lr=0.2",
        "fast=true, lr=0.1",
        "fast=true, lr=0.2",
    }
