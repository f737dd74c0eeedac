from __future__ import annotations

import csv
import io
import json
import re

import pytest

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


@pytest.mark.parametrize("text", [" =1", "\n=1", "＝1", "\t=1", "@x", "-1+1", "+1"])
def test_a_formula_is_neutralised_however_it_is_dressed(text):
    table = build_table([record(0, 0.5, attention=a) for a in ("none", text)])
    fields = [row["attention"] for row in csv.DictReader(io.StringIO(to_csv(table.sheet())))]
    assert all(field.startswith("'") for field in fields if field != "none")


def test_a_heading_is_neutralised_too():
    table = build_table([record(0, 0.5, **{"=cmd()": a}) for a in ("none", "x")])
    assert to_csv(table.sheet()).splitlines()[0].startswith("'=cmd()")


HOSTILE = (
    "\\|x",
    "[x](javascript:alert(1))",
    "`x",
    "a\rb",
    "\x1b[2J",
    "\u202ex",
    "\ud800",
    "$\\foo$",
    "a_{$b",
    "<img src=x>",
    "&lt;",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_every_format(text, tmp_path):
    from yololab.study.figure import draw_study
    from yololab.study.publish import to_html, to_latex

    table = build_table([record(0, 0.5, attention=a) for a in ("none", text)])
    sheet = table.sheet()
    for write in (to_markdown, to_csv, to_json, to_html, to_latex):
        out = write(sheet)
        out.encode()
        assert all(c.isprintable() or c in "\n\r" for c in out)
        if write is not to_csv:
            assert "\r" not in out
    lines = to_markdown(sheet).splitlines()
    columns = [len(re.sub(r"\\.", "", line).split("|")) for line in lines[:4]]
    assert len(set(columns)) == 1
    assert "](" not in lines[3]
    assert "<img" not in to_html(sheet)
    draw_study(table, tmp_path)
