from __future__ import annotations

import json
from dataclasses import replace

import pytest

from study.case import record
from yololab.study.columns import COSTS
from yololab.study.latency import Timing, with_latency, write_latency
from yololab.study.table import Question, build_table

FOUND = {
    "none": [Timing("pytorch", 1, 2.5, 2.0, 3.0, 4.0), Timing("pytorch", 16, 20.0, 19.0, 21.0, 25.0)],
    "wide": [Timing("pytorch", 1, 7.0, 6.0, 8.0, 9.0), Timing("onnx", 1, 5.0, 4.0, 6.0, 7.0)],
}


def records():
    found = []
    for attention, width in (("none", 0.125), ("wide", 1.0)):
        one = record(0, 0.5, science={"width": width}, attention=attention)
        found.append(replace(one, complexity={**one.complexity, "fingerprint": attention}))
    return found


def test_the_table_shows_what_was_measured_of_one_image(tmp_path):
    write_latency(tmp_path, FOUND, {"rounds": 5})
    question = Question(costs=("latency_ms", "latency_onnx_ms"))
    sheet = build_table(with_latency(tmp_path, records()), question).sheet()
    places = [sheet.headings.index(COSTS[name][0]) for name in question.costs]
    assert [[line.texts[place] for place in places] for line in sheet.lines] == [["2.50", ""], ["7.00", "5.00"]]
    assert FOUND["none"][1].images_per_second == pytest.approx(800)


def test_what_was_measured_by_an_earlier_version_is_shown_too(tmp_path):
    (tmp_path / "latency.json").write_text(json.dumps({"by_graph": {"none": {"median_ms": 3.0}}}))
    assert with_latency(tmp_path, records())[0].complexity["latency_ms"] == 3.0


@pytest.mark.parametrize("text", ["[]", "{", '{"by_graph": {"none": [{"batch": 1}]}}', '{"by_graph": 7}'])
def test_what_was_not_measured_is_not_shown(tmp_path, text):
    assert with_latency(tmp_path, records()) == records()
    (tmp_path / "latency.json").write_text(text)
    assert with_latency(tmp_path, records()) == records()
    sheet = build_table(records(), Question(costs=("latency_ms",))).sheet()
    assert sheet.lines[0].texts[sheet.headings.index("latency, ms")] == ""
