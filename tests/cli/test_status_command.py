from __future__ import annotations

import json

from command import SMOKE, yololab


def test_status_knows_every_run(place, run_ids):
    done = yololab("status", "smoke", "--json", cwd=place)
    states = json.loads(done.stdout)
    found = sorted((state["run"], state["state"], state["epoch"]) for state in states)
    assert found == [(run, "done", 1) for run in run_ids]
    assert "done" in yololab("status", "smoke", cwd=place).stdout


def test_runs_stand_in_the_order_in_which_they_were_planned(tmp_path):
    done = yololab("train", "-m", *SMOKE, "seed=3,1,2", "hydra.launcher.n_jobs=1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    listed = json.loads(yololab("status", "smoke", "--json", cwd=tmp_path).stdout)
    assert [next(text for text in run["overrides"] if text.startswith("seed=")) for run in listed] == [
        "seed=3",
        "seed=1",
        "seed=2",
    ]
