from __future__ import annotations

import yaml

from command import yololab


def test_a_wandb_sweep_is_the_grid_of_the_axes():
    done = yololab("wandb-sweep", "experiment=smoke", "attention=none,eca", "seed=range(0,3)")
    content = yaml.safe_load(done.stdout)
    assert content["method"] == "grid"
    assert content["parameters"] == {"attention": {"values": ["none", "eca"]}, "seed": {"values": [0, 1, 2]}}
    assert content["command"][2:] == ["${program}", "experiment=smoke", "tracker.mode=online", "${args_no_hyphens}"]
