from __future__ import annotations

from dataclasses import replace

from study.case import record
from yololab.study.environment import code_state, differences, environment, told


def test_the_state_of_the_code_is_commit_and_changes():
    one = replace(record(), git={"commit": "a" * 40, "dirty": "b" * 16})
    assert code_state(one) == "a" * 10 + "+" + "b" * 8
    assert code_state(replace(record(), git={"commit": None, "dirty": None})) is None


def test_the_device_is_what_trained_and_not_what_is_there():
    machine = {"gpus": ["H100"], "device": "cpu"}
    assert environment(replace(record(), machine=machine))["device"] == "cpu"
    assert environment(replace(record(), machine={"gpus": ["H100"]}))["device"] == "H100"


def test_only_what_differs_is_told_with_how_often():
    runs = [replace(record(seed), libraries={"torch": t, "wandb": w}) for seed, (t, w) in enumerate(["ab", "ac", "bc"])]
    found = differences(runs)
    assert found == {"torch": {"a": 2, "b": 1}}
    assert told(found["torch"]) == "a (2 runs), b (1 run)"
