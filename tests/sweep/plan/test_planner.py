"""What a plan says of its runs: states, duplicates, exclusions, edits; and that it is quick."""

from __future__ import annotations

import pytest

from yololab.cli.plan_command import plan_of
from yololab.errors import ConfigError
from yololab.run.claim import take
from yololab.run.prepare import prepare
from yololab.run.status import State, Status

SMOKE = ["experiment=smoke", "tracker=none"]


def plan(root, *overrides):
    return plan_of([*SMOKE, f"runtime.root={root}", *overrides])


def states(made):
    return [run.state for run in made.planned]


@pytest.mark.slow
def test_a_plan_names_the_run_that_training_would_be(tmp_path):
    made = plan(tmp_path, "attention=none,gam", "insert_pos=neck,all_heads", "seed=3", "match=null,gflops")
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
