"""What a plan says of its runs: states, duplicates, exclusions, edits; and that it is quick."""

from __future__ import annotations

import json

import pytest

from yololab.cli.plan_command import plan_of
from yololab.errors import ConfigError
from yololab.run.claim import latest_claim, take
from yololab.run.prepare import prepare
from yololab.run.status import State, Status
from yololab.sweep.plan.estimate import estimate
from yololab.sweep.plan.listing import plan_to_dict

SMOKE = ["experiment=smoke", "tracker=none"]


def plan(root, *overrides):
    return plan_of([*SMOKE, f"runtime.root={root}", *overrides])


def states(made):
    return [run.state for run in made.planned]


def test_a_plan_names_the_run_that_training_would_be(tmp_path):
    made = plan(tmp_path, "attention=none,cbam", "insert_pos=neck,all_heads", "seed=0,1", "match=null,gflops")
    for run in made.runs:
        assert prepare(run.spec()).run_id == run.run_id


def test_equal_graphs_with_equal_science_are_one_run(tmp_path):
    made = plan(tmp_path, "attention=none,eca", "insert_pos=neck,all_heads")
    assert states(made) == ["new", "duplicate", "new", "new"]
    assert made.planned[1].duplicate_of is made.planned[0]
    assert len({run.run_id for run in made.runs}) == 3


def test_states_are_read_from_the_folders(tmp_path):
    made = plan(tmp_path, "seed=0,1,2,3")
    made.freeze()
    assert states(plan(tmp_path, "seed=0,1,2,3")) == ["planned"] * 4
    folders = [run.folder for run in made.planned]
    claims = [take(folder.path, 0) for folder in folders[:3]]
    assert all(claims)
    Status(State.FAILED, attempt=1).write(folders[0].path)
    Status(State.INTERRUPTED, attempt=1).write(folders[1].path)
    assert states(plan(tmp_path, "seed=0,1,2,3")) == ["failed", "interrupted", "running", "planned"]


def test_excluded_cells_are_left_out_and_counted(tmp_path):
    made = plan(
        tmp_path,
        "attention=none,eca",
        "insert_pos=neck,all_heads",
        'study.exclude=["attention=none and insert_pos=all_heads"]',
    )
    assert made.excluded == 1
    assert [run.label for run in made.planned] == [
        "attention=none insert_pos=neck",
        "attention=eca insert_pos=neck",
        "attention=eca insert_pos=all_heads",
    ]


def test_a_condition_may_name_any_key_and_any_choice(tmp_path):
    made = plan(tmp_path, "seed=0,1", 'study.exclude=["seed=1 and recipe=tiny and recipe.batch_size=8"]')
    assert [run.label for run in made.planned] == ["seed=0"]


def test_zipped_axes_and_designs_are_read_from_the_configuration(tmp_path):
    zipped = plan(tmp_path, "head=effide,detect", "loss=siou,ciou", "study.zip=[[head,loss]]")
    assert [run.label for run in zipped.planned] == ["head=effide loss=siou", "head=detect loss=ciou"]
    half = plan(tmp_path, "attention=none,eca", "loss=siou,ciou", "assigner=tal,static", "study.design=half")
    assert (len(half.planned), half.thinned, half.resolution) == (4, 4, 3)
    assert "attention = loss x assigner" in half.confounded


def test_all_cells_that_cannot_be_built_are_told_at_once(tmp_path):
    with pytest.raises(ConfigError) as refusal:
        plan(tmp_path, "image_size=64,65", "seed=0,1")
    assert "2 of 4 runs cannot be built, so nothing was started" in str(refusal.value)
    assert "image_size=65 seed=0: image_size=65: expected a multiple of 32 (and 1 more runs)" in str(refusal.value)
    assert not list(tmp_path.iterdir())


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


def test_the_estimate_counts_what_is_left_and_says_where_it_comes_from(tmp_path):
    made = plan(tmp_path, "attention=none,gam", "seed=0,1")
    estimates, speed = estimate(made)
    assert "timed on this machine" in speed.source
    assert estimates[0].parameters < estimates[2].parameters
    assert 0 < estimates[0].seconds < estimates[2].seconds
    content = plan_to_dict(made, estimates, speed)
    assert content["seconds"] == pytest.approx(sum(e.seconds for e in estimates))
    assert json.loads(json.dumps(content))["counts"] == {"new": 4}


def test_planning_claims_nothing(tmp_path):
    made = plan(tmp_path, "seed=0,1")
    made.freeze()
    assert [latest_claim(run.folder.path) for run in made.planned] == [0, 0]


def test_a_duplicate_that_is_added_later_stands_in_the_table_too(tmp_path):
    first = plan(tmp_path, "attention=none", "insert_pos=neck")
    first.freeze()
    later = plan(tmp_path, "attention=none", "insert_pos=all_heads")
    assert later.planned[0].run_id == first.planned[0].run_id
    later.freeze()
    (other,) = later.planned[0].folder.other_choices()
    assert other["insert_pos"] == "all_heads"
    plan(tmp_path, "attention=none", "insert_pos=neck,all_heads").freeze()
    assert len(later.planned[0].folder.other_choices()) == 1
