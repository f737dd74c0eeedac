from __future__ import annotations

from yololab.cli.plan_command import plan_of
from yololab.run.claim import latest_claim

SMOKE = ["experiment=smoke", "tracker=none"]


def plan(root, *overrides):
    return plan_of([*SMOKE, f"runtime.root={root}", *overrides])


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
