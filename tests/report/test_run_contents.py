from __future__ import annotations

import pytest

from report.test_contents import curve
from study.case import record
from yololab.report.run_contents import MOST_LINES, read_run
from yololab.run.folder import RunFolder


def test_scores_are_in_percent_by_epoch_and_the_baseline_is_of_the_same_seed(tmp_path):
    folders = {}
    for name in ("none", "eca"):
        for seed in (0, 1):
            one = record(seed, 0.5, curve=curve(0.1, 0.2), attention=name)
            folders[name, seed] = RunFolder(tmp_path / one.run_id)
            folders[name, seed].path.mkdir()
            one.write(folders[name, seed].path)
    found = read_run(folders["eca", 1])
    assert found.series("val/") == {"val/mAP": {1: pytest.approx(10.0), 2: pytest.approx(20.0)}}
    assert found.baseline is not None
    assert found.baseline.run_id == folders["none", 1].name
    assert read_run(folders["none", 1]).baseline is None


def test_of_a_long_log_the_end_is_kept(tmp_path):
    folder = RunFolder(tmp_path / "r0123456789")
    folder.path.mkdir()
    folder.log_file.write_text("\n".join(map(str, range(MOST_LINES + 5))))
    lines = read_run(folder).text(folder.log_file).splitlines()
    assert (lines[0], lines[-1]) == ("5", str(MOST_LINES + 4))
