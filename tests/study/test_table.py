from __future__ import annotations

import csv
import io
import json
import math

import pytest

from study.case import record
from yololab.study.table import build_table, to_csv, to_json


def study():
    return [
        record(0, 0.50, attention="none"),
        record(1, 0.54, attention="none"),
        record(0, 0.55, attention="cbam"),
        record(1, 0.57, attention="cbam"),
    ]


def test_differences_are_paired_by_seed():
    # cbam - none: 0.05 and 0.03; mean 0.04, s = 0.0141, half-width 12.706 * s / sqrt(2).
    difference = build_table(study()).results[1].difference
    assert difference.mean == pytest.approx(0.04)
    assert difference.half_width == pytest.approx(12.7062 * 0.0141421 / math.sqrt(2), rel=1e-4)
    assert difference.p_value == pytest.approx(0.15596, abs=1e-4)


def test_the_table_is_not_quiet_about_what_is_missing_or_mixed():
    records = [*study()[:3], record(2, 0.5, commit="c1", data="d1", attention="none")]
    text = " ".join(build_table(records).warnings)
    assert "attention=cbam: no finished run for seed 1, 2" in text
    assert "different data" in text
    assert "2 different commits" in text


def test_csv_and_json_hold_full_precision():
    table = build_table(study())
    rows = list(csv.DictReader(io.StringIO(to_csv(table))))
    assert [float(row["mAP"]) for row in rows] == [pytest.approx(0.52), pytest.approx(0.56)]
    content = json.loads(to_json(table))
    assert content["rows"][1]["difference"] == pytest.approx(0.04)
    assert content["warnings"] == []
