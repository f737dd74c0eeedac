from __future__ import annotations

from command import yololab


def test_a_study_is_timed_and_its_table_shows_it(place, run_ids):
    done = yololab("latency", "smoke", "--rounds", "4", cwd=place)
    assert done.returncode == 0, done.stderr
    assert " ms (quartiles " in done.stdout
    assert "latency, ms" in yololab("table", "smoke", "--metrics", "mAP,latency", "--format", "md", cwd=place).stdout
    (place / "runs" / "smoke" / "latency.json").unlink()


def test_too_few_rounds_are_refused(place):
    done = yololab("latency", "smoke", "--rounds", "1", cwd=place)
    assert done.returncode == 2
    assert "expected at least 4" in done.stderr
