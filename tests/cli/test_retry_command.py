from __future__ import annotations

from command import SMOKE, yololab
from yololab.cli.plan_command import plan_of


def test_retry_has_nothing_to_do_in_a_finished_study(place):
    assert "nothing to run again" in yololab("retry", "smoke", cwd=place).stdout


def test_retry_runs_what_was_cut_off(tmp_path):
    made = plan_of([*SMOKE, f"runtime.root={tmp_path}", "seed=5"])
    made.freeze()
    done = yololab("retry", tmp_path / "smoke")
    assert done.returncode == 0, done.stderr[-2000:]
    assert made.planned[0].folder.record() is not None
