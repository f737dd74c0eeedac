from __future__ import annotations

import re

import numpy as np

from report.test_contents import curve
from report.test_study_page import HOSTILE
from study.case import record
from yololab.report.run_contents import read_run
from yololab.report.run_page import to_page
from yololab.run.diagnosis import KINDS, Diagnosis
from yololab.run.folder import RunFolder


def test_a_finished_run_shows_what_its_folder_holds(tmp_path):
    for name in ("none", "eca"):
        one = record(1, 0.5 if name == "none" else 0.25, curve=curve(0.1, 0.2), science={"kind": name}, attention=name)
        folder = tmp_path / one.run_id
        (folder / "predictions").mkdir(parents=True)
        one.write(folder)
    (folder / "predictions" / "a.jpg").write_bytes(b"picture")
    (folder / "log.txt").write_text(HOSTILE)
    Diagnosis(("a",), np.ones((2, 2), int), dict.fromkeys(KINDS, 0.125), dict.fromkeys(KINDS, 1)).write(folder)
    found = to_page(read_run(RunFolder(folder)))
    assert "<b>25.0</b><span>mAP, validation</span>" in found
    assert "Validation by epoch" in found
    assert "<td class=n>12.5</td>" in found  # what a kind of error costs
    assert "data:image/jpeg;base64," in found
    assert re.search(r"<code>kind</code></th><td>none</td><td>eca</td>", found)
    assert HOSTILE not in found
    assert "&lt;img src=x" in found
    assert not re.search(r'(src|href)="(https?:)?//', found)


def test_a_run_that_failed_has_a_page_with_its_traceback(tmp_path):
    folder = tmp_path / "r0123456789"
    folder.mkdir()
    (folder / "traceback.txt").write_text("ValueError: <broken>")
    (folder / "metrics.csv").write_text("epoch,train/loss,odd\n0,3.5,x\n1,2.5,\n")
    found = to_page(read_run(RunFolder(folder)))
    assert "no result yet" in found
    assert "ValueError: &lt;broken&gt;" in found
    assert "Training losses by epoch" in found


def test_a_damaged_record_is_said(tmp_path):
    folder = tmp_path / "r0123456789"
    folder.mkdir()
    (folder / "results.json").write_text("{}")
    assert "not a readable run record" in to_page(read_run(RunFolder(folder)))
