from __future__ import annotations

import json

from rich.console import Console

from yololab.cli.plan_command import plan_of
from yololab.sweep.plan.listing import print_plan, print_summary


def plan(root, *overrides):
    return plan_of(["experiment=smoke", "tracker=none", f"runtime.root={root}", *overrides])


def summary(made):
    console = Console(width=200, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115
    print_summary(made, console)
    return console.export_text()


def test_a_summary_counts_states_and_what_is_left_out(tmp_path):
    text = summary(plan(tmp_path, "seed=0,1,2", 'study.exclude=["seed=2"]'))
    assert f"2 runs in {tmp_path / 'smoke'}: 2 new; 1 excluded" in text


def test_a_fraction_tells_which_effects_it_cannot_tell_apart(tmp_path):
    text = summary(plan(tmp_path, "attention=none,eca", "loss=siou,ciou", "assigner=tal,static", "study.design=half"))
    assert "4 not in the design" in text
    assert "fractional design of resolution 3" in text
    assert "attention = loss x assigner" in text


def test_a_plan_is_a_table_for_people_and_json_for_programs(tmp_path, capsys):
    made = plan(tmp_path, "attention=none,eca", "insert_pos=neck,all_heads")
    print_plan(made)
    text = capsys.readouterr().out
    assert "the same run" in text
    assert all(run.run_id in text for run in made.planned)
    print_plan(made, as_json=True)
    content = json.loads(capsys.readouterr().out)
    assert [run["duplicate_of"] for run in content["runs"]] == [None, made.planned[0].run_id, None, None]


def test_what_a_subset_design_mixes_up_is_told(tmp_path):
    axes = ("attention=none,eca,cbam", "loss=siou,ciou,giou", "assigner=tal,static,atss")
    text = summary(plan(tmp_path, *axes, "study.design=third"))
    assert "these effects cannot be told apart, or only in part" in text
    assert "attention" in text.split("only in part")[1]
