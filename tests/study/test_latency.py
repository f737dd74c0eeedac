from __future__ import annotations

from dataclasses import replace

import torch

from study.case import record
from yololab.config.compose import compose
from yololab.study.columns import COSTS
from yololab.study.latency import measure_latency, with_latency, write_latency
from yololab.study.table import Question, build_table


def records():
    found = []
    for attention, width in (("none", 0.125), ("wide", 1.0)):
        one = record(0, 0.5, science={"width": width}, attention=attention)
        found.append(
            replace(one, complexity={**one.complexity, "fingerprint": attention}, per_class={"a": {}, "b": {}})
        )
    return found


def config_of(one):
    return compose(["image_size=64", f"scale.width={one.science['width']}"])


def test_a_larger_detector_takes_longer_and_the_table_shows_it(tmp_path):
    found = measure_latency(records(), config_of, 5, torch.device("cpu"))
    assert found["wide"].median_ms > found["none"].median_ms > 0
    assert found["none"].low_ms <= found["none"].median_ms <= found["none"].high_ms
    write_latency(tmp_path, found, torch.device("cpu"), 5)
    sheet = build_table(with_latency(tmp_path, records()), Question(costs=("latency_ms",))).sheet()
    place = sheet.headings.index(COSTS["latency_ms"][0])
    assert sheet.lines[0].texts[place] == f"{found['none'].median_ms:.2f}"


def test_what_was_not_measured_is_not_shown(tmp_path):
    assert with_latency(tmp_path, records()) == records()
    (tmp_path / "latency.json").write_text("[]")
    assert with_latency(tmp_path, records()) == records()
    sheet = build_table(records(), Question(costs=("latency_ms",))).sheet()
    assert sheet.lines[0].texts[sheet.headings.index("latency, ms")] == ""
