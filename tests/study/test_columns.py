from __future__ import annotations

from study.case import record
from yololab.study.columns import columns
from yololab.study.table import build_table


def table():
    scores = {"none": (0.50, 0.54), "cbam": (0.55, 0.57)}
    return build_table([record(s, v, attention=a) for a, found in scores.items() for s, v in enumerate(found)])


def shown(heading):
    found = table()
    column = next(column for column in found.columns if column.heading == heading)
    return [column.text(result) for result in found.results], [column.values(result) for result in found.results]


def test_metrics_are_in_percent_with_all_digits_for_programs():
    text, values = shown("mAP")
    assert text == ["52.0 ± 2.8", "56.0 ± 1.4"]
    assert [round(value["mAP"], 9) for value in values] == [52, 56]


def test_the_difference_has_its_interval_and_the_baseline_none():
    text, values = shown("Δ mAP (95% CI)")
    assert text == ["baseline", "+4.0 ± 12.7"]
    assert values[0] == {}
    assert values[1]["shared_seeds"] == 2


def test_every_column_has_a_heading_of_its_own():
    headings = [column.heading for column in columns(["attention", "loss"], ["mAP"])]
    assert headings[:3] == ["attention", "loss", "mAP"]
    assert len(set(headings)) == len(headings)
