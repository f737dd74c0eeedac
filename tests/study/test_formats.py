from __future__ import annotations

import csv
import io
import json

from study.case import record
from yololab.study.formats import to_csv, to_json, to_markdown
from yololab.study.table import build_table


def test_text_cannot_break_a_markdown_table():
    table = build_table([record(0, 0.5, attention=a) for a in ("none", "a|b<script>\nc")])
    lines = to_markdown(table.sheet()).splitlines()
    assert lines[3].startswith("| a\\|b&lt;script> c |")
    assert len(lines[3].replace("\\|", "").split("|")) == len(lines[0].split("|"))


def test_what_a_spreadsheet_would_run_is_neutralised():
    table = build_table([record(0, 0.5, attention=a) for a in ("none", "=1+1")])
    rows = list(csv.DictReader(io.StringIO(to_csv(table.sheet()))))
    assert "'=1+1" in [row["attention"] for row in rows]


def test_json_has_null_where_there_is_no_number():
    content = json.loads(to_json(build_table([record(0, 0.5, attention="none")]).sheet()))
    assert content["rows"][0]["mAP_std"] is None
    assert content["rows"][0]["mAP"] == 50
