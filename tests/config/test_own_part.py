from __future__ import annotations

from yololab.config.own_part import with_own_parts


def test_a_class_given_over_none_is_called_by_its_own_name():
    choices = {"attention": "none", "tracker": "none", "head": "detect", "loss": "ciou", "insert_pos": "neck"}
    config = {
        "attention": {"_target_": "my_module.MyGate"},
        "tracker": {"_target_": None},
        "head": {"_target_": "my_module.MyHead"},  # over a choice, which stays: its other arguments count
        "insert_pos": "text",
    }
    assert with_own_parts(choices, config) == {**choices, "attention": "MyGate"}
