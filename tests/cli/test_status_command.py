from __future__ import annotations

import json

from command import yololab


def test_status_knows_every_run(place, run_ids):
    done = yololab("status", "smoke", "--json", cwd=place)
    states = json.loads(done.stdout)
    assert [(state["run"], state["state"], state["epoch"]) for state in states] == [(run, "done", 1) for run in run_ids]
    assert "done" in yololab("status", "smoke", cwd=place).stdout
