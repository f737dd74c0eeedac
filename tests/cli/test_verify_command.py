from __future__ import annotations

import json

from command import yololab


def test_a_study_s_plan_verifies_until_somebody_changes_it(tmp_path):
    axes = ("attention=none,eca", "seed=0", "recipe.epochs=1", "tracker=none")
    assert yololab("train", "-m", "experiment=smoke", *axes, f"runtime.root={tmp_path}").returncode == 0
    study = tmp_path / "smoke"
    done = yololab("verify", study)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 planned runs are done" in done.stdout
    assert "1. " in done.stdout
    assert "0 runs had begun" in done.stdout
    plan = json.loads((study / "plan.json").read_text())
    plan["entries"][0]["question"]["smallest_effect"] = 3
    (study / "plan.json").write_text(json.dumps(plan))
    changed = yololab("verify", study)
    assert changed.returncode == 1
    assert "does not verify" in changed.stdout
    assert "entry 1 was changed after it was written" in yololab("table", study).stdout


def test_a_study_without_a_plan_says_so(tmp_path):
    done = yololab("verify", tmp_path)
    assert done.returncode == 2
    assert "no plan.json" in done.stderr
