from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from command import SMOKE, yololab
from yololab.cli.status_command import MOST_LISTED, _status_table
from yololab.run.status import State


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


def test_a_large_study_is_counted_and_what_needs_somebody_is_listed():
    quiet = [one_run(f"r{index:010x}", State.DONE) for index in range(MOST_LISTED)]
    states = [*quiet, one_run("rfeedfeed00", State.FAILED)]
    console = Console(width=150, record=True, file=io.StringIO())
    console.print(_status_table(Path("many"), states))
    found = console.export_text()
    assert "rfeedfeed00" in found
    assert quiet[0]["run"] not in found
    assert "201 runs: 1 failed, 200 done; 1 listed, all with --all" in found
    console.print(_status_table(Path("many"), states, every=True))
    assert quiet[0]["run"] in console.export_text()


def one_run(name, state):
    known = {"overrides": ["seed=0"], "epoch": 1, "epochs": 1, "mAP": 0.5, "owner": None, "error": {}}
    return {"run": name, "state": state, **known}
