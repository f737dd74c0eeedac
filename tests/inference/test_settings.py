from __future__ import annotations

import pytest

from yololab.errors import ConfigError
from yololab.inference.settings import changed


def test_other_data_and_thresholds_are_taken(loaded):
    config = loaded.card.config
    found = changed(config, ["data=yolo", "data.root=/somewhere", "recipe.evaluation.iou=0.5"])
    assert found["data"]["_target_"] == "yololab.data.YOLOSource"
    assert found["data"]["root"] == "/somewhere"
    assert found["recipe"]["evaluation"]["iou"] == 0.5
    assert found["model"] == config["model"]
    assert config["data"]["_target_"] == "yololab.data.ShapesSource"  # nobody else's is changed


def test_a_key_of_the_runs_own_data_is_enough(loaded):
    found = changed(loaded.card.config, ["data.val=4"])
    assert found["data"] == {**loaded.card.config["data"], "val": 4}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("attention=cbam", "the detector is trained; what can change is data"),
        ("recipe.lr=0.1", "the detector is trained"),
        ("data.rot=/x", "data.rot: there is no such key; did you mean 'data.root'"),
        ("recipe.evaluation.iou=2", "recipe.evaluation.iou"),
        ("data", "expected key=value"),
        ("data=yollo", "yolo"),
        ("image_size=-1", "image_size"),
    ],
)
def test_what_cannot_be_is_refused_by_name(loaded, override, message):
    config = {**loaded.card.config, "data": {**loaded.card.config["data"], "root": "/x"}}
    with pytest.raises(ConfigError, match=message):
        changed(config, [override])
