from __future__ import annotations

from command import SMOKE, yololab_process
from yololab.cli.plan_command import plan_of


def test_run_runs_one_planned_run(tmp_path):
    made = plan_of([*SMOKE, f"runtime.root={tmp_path}", "seed=6"])
    made.freeze()
    done = yololab_process("run", made.planned[0].folder.path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert made.planned[0].folder.status().state == "done"
