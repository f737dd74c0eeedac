from __future__ import annotations

from yololab.config import identity
from yololab.config.compose import compose
from yololab.config.identity import run_id, science


def ids(*overrides):
    return run_id(science(compose(list(overrides))), "data", "graph")


def test_a_runs_identity_is_its_science():
    assert ids() == ids("runtime.root=/elsewhere", "tracker=none", "study.name=other", "runtime.workers=3")
    assert len({ids(), ids("seed=1"), ids("recipe.lr=0.02"), ids("image_size=320"), ids("loss=siou")}) == 5


def test_an_identity_is_a_letter_and_ten_hexadecimal_digits():
    assert len(ids()) == 11
    assert ids()[0] == "r"
    int(ids()[1:], 16)


def test_where_the_data_lies_is_no_part_of_the_identity():
    assert ids("data=bccd", "data.root=/a") == ids("data=bccd", "data.root=/b")


def test_a_key_that_came_later_leaves_ids_as_they_were():
    before = [
        "recipe.evaluation.rectangular=false",
        "recipe.evaluation.shrink=linear",
        "data.final=val",
        "replica=0",
        "init_seed=null",
    ]
    found = science(compose(before))
    assert "final" not in found["data"]
    assert "test" not in found["data"]
    assert found.keys() & {"replica", "init_seed"} == set()
    assert found["recipe"]["evaluation"].keys() & {"rectangular", "shrink"} == set()
    assert len({ids(*before), ids(*before, "data.final=test"), ids(*before, "replica=1")}) == 3
    assert ids(*before) == ids(*before, "data.test=5")
    assert ids(*before, "data.final=test") != ids(*before, "data.final=test", "data.test=5")


def test_runs_whose_numbers_changed_are_no_longer_the_same_runs():
    found = science(compose([]))
    for changed in ({"accumulate": 2}, {"optimizer": "adamw"}):
        assert identity._came_out_otherwise({**found, "recipe": {**found["recipe"], **changed}})
    assert identity._came_out_otherwise({**found, "trainer": {"devices": 2}})
    assert identity._came_out_otherwise({**found, "task": "segment"})
    for same in ([], ["recipe=tiny"], ["recipe=yolov8"]):
        assert not identity._came_out_otherwise(science(compose(same)))
