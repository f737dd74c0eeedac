from __future__ import annotations

import json

from yololab.cli.plan_command import plan_of

SMOKE = ["experiment=smoke", "tracker=none"]


def plan(root, *overrides):
    return plan_of([*SMOKE, f"runtime.root={root}", *overrides])


def states(made):
    return [run.state for run in made.planned]


def test_a_frozen_cell_does_not_follow_the_yaml_and_changed_defaults_are_told(tmp_path):
    old = plan(tmp_path, "seed=0")
    old.freeze()
    folder = old.planned[0].folder
    frozen = (folder.path / "config.yaml").read_text()
    # An edit of the YAML, seen from the next plan: the same overrides, another value.
    edited = json.loads((folder.path / "spec.json").read_text())
    new = plan(tmp_path, "seed=0", "recipe.lr=0.5")
    edited["overrides"] = list(new.planned[0].overrides)
    (folder.path / "spec.json").write_text(json.dumps(edited))
    again = plan(tmp_path, "seed=0", "recipe.lr=0.5")
    assert states(again) == ["new"]
    assert again.notes == ("recipe.lr was 0.004 and is now 0.5, in 1 runs whose overrides are those of earlier runs",)
    assert (folder.path / "config.yaml").read_text() == frozen
