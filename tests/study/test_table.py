from __future__ import annotations

import csv
import io
import json
import math

import pytest

from study.case import record
from yololab.errors import YololabError
from yololab.study.output import write_study
from yololab.study.records import read_records
from yololab.study.rows import group_rows
from yololab.study.statistics import holm, paired_difference, summarise
from yololab.study.table import build_table, to_csv, to_json, to_markdown


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


def test_differences_are_paired_by_seed():
    # cbam - none: 0.05 and 0.03; mean 0.04, s = 0.0141, half-width 12.706 * s / sqrt(2).
    difference = build_table(study()).results[1].difference
    assert difference.mean == pytest.approx(0.04)
    assert difference.half_width == pytest.approx(12.7062 * 0.0141421 / math.sqrt(2), rel=1e-4)
    assert difference.p_value == pytest.approx(0.15596, abs=1e-4)


def test_one_seed_has_no_spread_and_no_interval():
    assert math.isnan(summarise([0.5]).std)
    difference = paired_difference({0: 0.6}, {0: 0.5, 1: 0.4})
    assert (difference.count, math.isnan(difference.half_width)) == (1, True)
    assert paired_difference({3: 0.6}, {0: 0.5}) is None


def test_holm_multiplies_by_what_is_left_and_never_falls():
    # Smallest x 4, next x 3, and so on; 0.03 x 2 = 0.06 and 0.04 x 1 is lifted to it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    adjusted = holm([math.nan, 0.02])
    assert math.isnan(adjusted[0])
    assert adjusted[1] == 0.02


def test_the_table_is_not_quiet_about_what_is_missing_or_mixed():
    records = [*study()[:3], record(2, 0.5, commit="c1", data="d1", attention="none")]
    text = " ".join(build_table(records).warnings)
    assert "attention=cbam: no finished run for seed 1, 2" in text
    assert "different data" in text
    assert "2 different commits" in text


def test_markdown_has_a_line_per_row():
    lines = to_markdown(build_table(study())).splitlines()
    assert lines[0].startswith("| attention | mAP | mAP50 |")
    assert lines[2] == "| none | 52.0 ± 2.8 | 72.0 ± 2.8 | baseline |  | 1,000 | 1.500 | 2 |"
    assert lines[3].startswith("| cbam | 56.0 ± 1.4 | 76.0 ± 1.4 | +4.0 ± 12.7 | 0.156 |")


def test_csv_and_json_hold_full_precision():
    table = build_table(study())
    rows = list(csv.DictReader(io.StringIO(to_csv(table))))
    assert [float(row["mAP"]) for row in rows] == [pytest.approx(0.52), pytest.approx(0.56)]
    content = json.loads(to_json(table))
    assert content["rows"][1]["difference"] == pytest.approx(0.04)
    assert content["warnings"] == []


def write(folder, records):
    for one in records:
        path = folder / one.run_id
        path.mkdir(parents=True)
        one.write(path)
    return folder


def test_a_study_is_read_from_its_folders_and_its_files_written(tmp_path):
    folder = write(tmp_path / "s", study())
    assert sorted(r.run_id for r in read_records(folder)) == sorted(r.run_id for r in study())
    assert write_study(folder) is not None
    assert {"table.md", "table.csv", "table.json"} <= {path.name for path in folder.iterdir()}
    assert (folder / "figure.png").stat().st_size > 5000
    assert not list(folder.rglob("*.tmp"))


def test_a_broken_record_says_which_and_what_to_do(tmp_path):
    folder = write(tmp_path / "s", study()[:1])
    next(folder.rglob("results.json")).write_text("{")
    with pytest.raises(YololabError, match=r"results.json: not a readable run record.*remove the file to run it again"):
        read_records(folder)


def test_a_folder_that_is_no_study_says_what_was_expected(tmp_path):
    with pytest.raises(YololabError, match=r"no such study folder; expected runs/<study>"):
        read_records(tmp_path / "x")
