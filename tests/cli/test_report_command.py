from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from yololab.cli.main import main

STUDY = Path(__file__).parents[2] / "experiments" / "bccd_cbam"


def test_a_study_becomes_one_file(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["report", str(STUDY), "--out", str(tmp_path)])
    assert ended.value.code == 0
    text = (tmp_path / "report.html").read_text()
    assert "<h1>bccd_cbam</h1>" in text
    assert "report.html" in capsys.readouterr().out


def test_a_place_that_does_not_exist_is_said(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["report", str(STUDY), "--out", str(tmp_path / "no" / "x.html")])
    assert ended.value.code == 2
    assert "no folder" in capsys.readouterr().err


def test_a_run_has_a_page_and_a_study_writes_those_of_all_its_runs(tmp_path):
    study = tmp_path / "study"
    shutil.copytree(STUDY, study)
    with pytest.raises(SystemExit, match="0"):
        main(["report", str(study), "--runs"])
    pages = sorted(path.parent.name for path in study.glob("r*/report.html"))
    assert len(pages) == len(list(study.glob("r*/results.json"))) > 1
    with pytest.raises(SystemExit, match="0"):
        main(["report", str(study / pages[0]), "--out", str(tmp_path / "one.html")])
    assert pages[0] in (tmp_path / "one.html").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [(["a=1", "a=2", "a=3"], "expected one row, two, or none"), (["cbam"], "expected choices such as")],
)
def test_rows_whose_images_are_asked_for_badly_are_refused(words, told, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["report", str(STUDY), "--images", *words])
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "told"), [("nowhere", "no such study folder"), (f"{STUDY}/r0000000000", "no such run")]
)
def test_a_name_that_is_nothing_is_refused_as_what_it_looks_like(name, told, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["report", name])
    assert told in capsys.readouterr().err
