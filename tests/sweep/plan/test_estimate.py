from __future__ import annotations

import json

import pytest

from yololab.cli.plan_command import plan_of
from yololab.sweep.plan.estimate import estimate
from yololab.sweep.plan.listing import plan_to_dict

SMOKE = ["experiment=smoke", "tracker=none"]


def plan(root, *overrides):
    return plan_of([*SMOKE, f"runtime.root={root}", *overrides])


def test_the_estimate_counts_what_is_left_and_says_where_it_comes_from(tmp_path):
    made = plan(tmp_path, "attention=none,gam", "seed=0,1")
    estimates, speed = estimate(made)
    assert "timed on this machine" in speed.source
    assert estimates[0].parameters < estimates[2].parameters
    assert 0 < estimates[0].seconds < estimates[2].seconds
    content = plan_to_dict(made, estimates, speed)
    assert content["seconds"] == pytest.approx(sum(e.seconds for e in estimates))
    assert json.loads(json.dumps(content))["counts"] == {"new": 4}
