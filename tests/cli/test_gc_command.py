from __future__ import annotations

import shutil

from command import yololab


def test_a_number_of_pictures_that_cannot_be_is_refused_and_nothing_goes(place):
    done = yololab("gc", "smoke", "--pictures", "-1", cwd=place)
    assert done.returncode == 2
    assert "--pictures -1: expected how many stay, at least 0" in done.stderr


def test_gc_removes_checkpoints_and_keeps_records(place, run_ids, tmp_path):
    shutil.copytree(place / "runs", tmp_path / "runs")
    dry = yololab("gc", "smoke", "--dry-run", cwd=tmp_path)
    assert "would remove 2 checkpoints" in dry.stdout
    assert "removed 2 checkpoints" in yololab("gc", "smoke", cwd=tmp_path).stdout
    for run in run_ids:
        folder = tmp_path / "runs" / "smoke" / run
        assert [path.name for path in (folder / "checkpoints").iterdir()] == ["best.ckpt"]
        assert (folder / "results.json").is_file()
