from __future__ import annotations

import csv
import io
import json

import pytest

from command import yololab


def test_the_table_is_printed_in_the_format_that_is_asked_for(place, run_ids):
    printed = {
        format: yololab("table", "smoke", "--format", format, cwd=place).stdout for format in ("md", "csv", "json")
    }
    assert printed["md"].startswith("| ")
    (row,) = csv.DictReader(io.StringIO(printed["csv"]))
    assert sorted(row["runs"].split()) == run_ids
    (same,) = json.loads(printed["json"])["rows"]
    assert same["mAP"] == pytest.approx(float(row["mAP"]))


def test_the_terminal_gets_a_table_too(place):
    assert "mAP" in yololab("table", "smoke", cwd=place).stdout


def test_a_study_without_records_is_said_so(tmp_path):
    done = yololab("table", tmp_path, "--format", "md")
    assert done.returncode == 2
    assert "no finished run yet" in done.stderr


def test_a_view_of_its_own_is_printed_and_leaves_the_study_s_files(place):
    before = (place / "runs" / "smoke" / "table.md").read_bytes()
    done = yololab("table", "smoke", "--compare", "AP_S", "--metrics", "P,R,AP/disc", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "AP_S" in done.stdout
    assert (place / "runs" / "smoke" / "table.md").read_bytes() == before
    typo = yololab("table", "smoke", "--compare", "AP/dis", cwd=place)
    assert typo.returncode == 2
    assert "no class 'dis'; did you mean 'disc'" in typo.stderr
