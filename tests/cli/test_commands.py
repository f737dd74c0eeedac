"""yololab's commands around a study, through the real command line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml

SMOKE = ["experiment=smoke", "tracker=none", "recipe.epochs=1"]


def yololab(*arguments, cwd):
    command = [sys.executable, "-m", "yololab.cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=280, cwd=cwd)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a finished study of two runs under runs/."""
    folder = tmp_path_factory.mktemp("place")
    done = yololab("train", "-m", *SMOKE, "seed=0,1", cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def run_ids(place):
    return sorted(path.parent.name for path in (place / "runs" / "smoke").glob("*/results.json"))


def test_status_knows_every_run(place):
    done = yololab("status", "smoke", "--json", cwd=place)
    states = json.loads(done.stdout)
    assert [(state["run"], state["state"], state["epoch"]) for state in states] == [
        (run, "done", 1) for run in run_ids(place)
    ]
    assert "done" in yololab("status", "smoke", cwd=place).stdout


def test_plan_as_json_knows_what_is_done(place):
    done = yololab("plan", *SMOKE, "--json", "seed=0,1,2", cwd=place)
    content = json.loads(done.stdout)
    assert content["counts"] == {"done": 2, "new": 1}
    assert [run["seconds"] == 0 for run in content["runs"]] == [True, True, False]
    assert "the median of 2 finished runs" in content["speed"]["source"]


def test_diff_says_what_differs(place):
    first, second = run_ids(place)
    found = json.loads(yololab("diff", f"smoke/{first}", f"smoke/{second}", "--json", cwd=place).stdout)
    assert {d["key"] for d in found if d["part"] == "configuration"} == {"seed"}
    assert not [d for d in found if d["part"] == "environment"]
    assert "no difference" in yololab("diff", f"smoke/{first}", f"smoke/{first}", cwd=place).stdout


def test_rerun_gives_the_same_bits(place):
    run = run_ids(place)[0]
    done = yololab("rerun", f"smoke/{run}", cwd=place)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "the same bits: metrics, curve and weights" in done.stdout
    assert (place / "runs" / "smoke-rerun" / run / "results.json").is_file()


def test_rerun_refuses_what_would_be_another_run(place):
    done = yololab("rerun", f"smoke/{run_ids(place)[0]}", "seed=7", cwd=place)
    assert done.returncode == 2
    assert "seed would make it another run" in done.stderr


def test_retry_has_nothing_to_do_in_a_finished_study_and_gc_keeps_records(place):
    assert "nothing to run again" in yololab("retry", "smoke", cwd=place).stdout
    dry = yololab("gc", "smoke", "--dry-run", cwd=place)
    assert "would remove 2 checkpoints" in dry.stdout
    assert "removed 2 checkpoints" in yololab("gc", "smoke", cwd=place).stdout
    for run in run_ids(place):
        assert [p.name for p in (place / "runs" / "smoke" / run / "checkpoints").iterdir()] == ["best.ckpt"]
        assert (place / "runs" / "smoke" / run / "results.json").is_file()


def test_retry_runs_what_was_cut_off(place):
    yololab("plan", *SMOKE, "seed=5", cwd=place)
    from yololab.cli.plan_command import plan_of

    made = plan_of([*SMOKE, f"runtime.root={place / 'cut'}", "seed=5"])
    made.freeze()
    done = yololab("retry", place / "cut" / "smoke", cwd=place)
    assert done.returncode == 0, done.stderr[-2000:]
    assert made.planned[0].folder.record() is not None


def test_run_runs_one_planned_run(place):
    from yololab.cli.plan_command import plan_of

    made = plan_of([*SMOKE, f"runtime.root={place / 'one'}", "seed=6"])
    made.freeze()
    done = yololab("run", made.planned[0].folder.path, cwd=place)
    assert done.returncode == 0, done.stderr[-2000:]
    assert made.planned[0].folder.status().state == "done"


def test_a_wandb_sweep_is_the_grid_of_the_axes(place):
    done = yololab("wandb-sweep", "experiment=smoke", "attention=none,eca", "seed=range(0,3)", cwd=place)
    content = yaml.safe_load(done.stdout)
    assert content["method"] == "grid"
    assert content["parameters"] == {"attention": {"values": ["none", "eca"]}, "seed": {"values": [0, 1, 2]}}
    assert content["command"][2:] == ["${program}", "experiment=smoke", "tracker.mode=online", "${args_no_hyphens}"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["statsu", "smoke"], "there is no command 'statsu'; did you mean 'status'?"),
        (["status", "smke"], "smke: no such study folder; expected runs/<study>; did you mean 'smoke'?"),
        (["run", "smoke/r000"], "smoke/r000: no such run; expected <study>/<run id>"),
        (["retry", "smoke", "--run", "rffff"], "there is no run rffff"),
        (["plan", "seed=0,1", "study.zip=[[seed,head]]"], "study.zip: 'head' is not swept"),
        (["plan", "seed=0,1", 'study.exclude=["sed=1"]'], "no run has 'sed'; did you mean 'seed'?"),
        (["plan", "seed=0,1", "study.design=hlaf"], "study.design=hlaf: expected one of"),
        (["plan", "seed=0,"], "mismatched input"),
        (["plan", "seed=0,1", "--config-dir", "nowhere"], "--config-dir nowhere: no such folder"),
        (["wandb-sweep", "experiment=smoke"], "nothing is swept"),
    ],
)
def test_mistakes_are_answered_with_what_was_expected(place, arguments, message):
    done = yololab(*arguments, cwd=place)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
