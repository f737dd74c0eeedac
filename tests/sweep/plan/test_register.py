from __future__ import annotations

from yololab.cli.plan_command import plan_of
from yololab.run.claim import take
from yololab.study.registration import broken_entry, entries_of, read_registration
from yololab.sweep.plan.register import register_plan


def plan(root, *overrides):
    primary = "study.primary.contrast={attention: eca}"
    return plan_of(
        ["experiment=smoke", "tracker=none", "attention=none,eca", f"runtime.root={root}", primary, *overrides]
    )


def test_a_plan_is_registered_before_its_first_run_and_once(tmp_path):
    for _ in range(2):
        register_plan(plan(tmp_path, "seed=0,1", "study.hypothesis='ECA helps'"))
    (entry,) = entries_of(tmp_path / "smoke")
    assert entry["question"]["hypothesis"] == "ECA helps"
    assert [run["seed"] for run in entry["runs"]] == [0, 1, 0, 1]
    assert entry["begun"] == []
    found = read_registration(tmp_path / "smoke")
    assert (found.holds, found.contrast) == (True, {"attention": "eca"})


def test_an_extension_says_which_runs_had_begun(tmp_path):
    first = plan(tmp_path, "seed=0,1")
    register_plan(first)
    first.freeze()
    assert take(first.runs[0].folder.path, 0) is not None
    register_plan(plan(tmp_path, "seed=0,1,2"))
    entries = entries_of(tmp_path / "smoke")
    assert [len(entry["begun"]) for entry in entries] == [0, 1]
    assert broken_entry(entries) is None
