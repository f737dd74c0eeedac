from __future__ import annotations

import pytest

from yololab.cli.plan_command import plan_of
from yololab.errors import ConfigError
from yololab.sweep.plan.control_runs import controls_of

SMALL = ("experiment=smoke", "tracker=none", "seed=0,1", "insert_pos.after=['backbone.stage4']")


def labels(tmp_path, *overrides):
    plan = plan_of([*SMALL, f"runtime.root={tmp_path}", *overrides])
    return [run.label for run in plan.planned], plan


def test_one_word_runs_every_attention_beside_its_controls(tmp_path):
    found, _ = labels(tmp_path, "attention=none,gam", "study.controls=all")
    controls = ["insert_pos.placebo=true", "insert_pos.placebo=random_gate", "match=gflops"]
    for seed in (0, 1):
        assert f"seed={seed} attention=none" in found
        for control in controls:
            assert f"seed={seed} attention=gam {control}" in found
    assert len(found) == 2 * (1 + 1 + 3)


def test_a_control_that_cannot_be_built_is_named_and_stops_nothing(tmp_path):
    found, plan = labels(tmp_path, "attention=none,eca", "study.controls=[placebo,widened]")
    assert "seed=0 attention=eca insert_pos.placebo=true" in found
    assert not any("match=gflops" in label for label in found)
    (note,) = [note for note in plan.notes if note.startswith("no match=gflops beside eca")]
    assert "match=gflops" in note


def test_what_is_a_control_already_gets_none(tmp_path):
    found, _ = labels(tmp_path, "attention=cbam", "insert_pos.placebo=true", "study.controls=all")
    assert len(found) == 2


def test_an_unknown_control_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match=r"study.controls=placeb: expected some of.*did you mean 'placebo'"):
        controls_of("placeb")
    assert controls_of(None) == ()
    assert controls_of(["placebo", "placebo"]) == ("insert_pos.placebo=true",)


def test_a_control_can_be_excluded(tmp_path):
    found, _ = labels(tmp_path, "attention=gam", "study.controls=all", 'study.exclude=["match=gflops"]')
    assert len(found) == 2 * 3


def test_an_unknown_primary_metric_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(ConfigError, match="no metric 'mAPP'"):
        labels(tmp_path, "attention=gam", "study.primary.metric=mAPP")
