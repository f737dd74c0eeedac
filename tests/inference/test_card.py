from __future__ import annotations

import json
from dataclasses import replace

import pytest

from yololab.errors import YololabError
from yololab.inference.card import Card, card_of


def test_a_card_comes_back_as_it_was_written(loaded):
    card = loaded.card
    assert card_of(card.to_json(), "x") == card
    assert (card.image_size, card.stride, card.shrink) == (64, 32, "linear")
    assert card.evaluation.confidence == 0.001
    assert not card.rectangular
    recipe = {**card.config["recipe"], "evaluation": {**card.config["recipe"]["evaluation"], "rectangular": True}}
    other = replace(card, config={**card.config, "recipe": recipe})
    assert other.rectangular
    assert not replace(other, fixed=True).rectangular  # a file that takes squares alone


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        "{}",
        '{"classes": []}',
        json.dumps({"name": "a", "config": {}, "classes": ["a"], "stride": 32}),
    ],
)
def test_a_card_that_is_none_is_named_with_what_to_do(text):
    with pytest.raises(YololabError, match=r"model.onnx: holds no description of the detector.*name the run"):
        card_of(text, "model.onnx")


def test_a_file_of_before_a_key_came_still_opens(tmp_path):
    """Keys that came later are filled in with what was the case, as in a run's record."""
    from yololab.config.compose import compose
    from yololab.inference.load import _own

    config = compose(["scale=p"])
    del config["recipe"]["evaluation"]["nms"]
    del config["loss"]["branches"], config["upsample"], config["downsample"]
    card = Card("study/run", config, ("a",), 32)
    assert _own(card, tmp_path / "model.onnx", False)["recipe"]["evaluation"]["nms"] == "nms"
